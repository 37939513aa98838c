// SPDX-License-Identifier: Apache-2.0
// Command-line flags derived from an option struct's visit(). A group of options becomes a heading
// in --help.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "bertune/options.h"
#include "cli/spelling.h"

namespace bertune {

class FlagBinder {
 public:
  explicit FlagBinder(CLI::App& app) : app_(app) {}

  void begin_group(const char* heading) { heading_ = heading; }

  template <typename T>
  void operator()(const Option& option, T& value) const {
    app_.add_option(flag(option.name), value, option.help)
        ->capture_default_str()
        ->group(heading_)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);  // scripts can append overrides
  }
  void operator()(const Option& option, bool& value) const {
    add_flag(option, [&value](bool given) { value = given; });
  }
  void operator()(const Option& option, std::optional<bool>& value) const {
    add_flag(option, [&value](bool given) { value = given; });
  }

 private:
  // Adds --name and a hidden --no-name for one setting; the last flag on the command line wins.
  // Uses a function, because CLI11 would set the value to false if the flag is absent.
  void add_flag(const Option& option, const std::function<void(bool)>& set) const {
    const auto add = [&](const std::string& name, const char* help, bool negated) {
      return app_.add_flag_function(
          name, [=](int64_t given) { set((given > 0) != negated); }, help);
    };
    add(flag(option.name), option.help, false)->group(heading_);
    add(flag(option.name, "false"), "", true)->group("");  // hidden
  }

  CLI::App& app_;
  std::string heading_ = "Options";
};

template <typename Options>
void bind_flags(CLI::App& app, Options& options) {
  FlagBinder binder(app);
  Options::visit(options, binder);
}

}  // namespace bertune
