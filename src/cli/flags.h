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
    add_flag(option, value, [&value](bool given) { value = given; });
  }
  void operator()(const Option& option, std::optional<bool>& value) const {
    add_flag(option, false, [&value](bool given) { value = given; });
  }

 private:
  // One flag with two names, --NAME and --no-NAME. --help shows the first: the one that changes the
  // default. A function, because CLI11 would set the value to false if the flag is absent.
  void add_flag(const Option& option, bool is_on, const std::function<void(bool)>& set) const {
    const std::string on = flag(option.name), off = "!" + flag(option.name, "false");
    const std::string help = (is_on ? "turn off: " : "") + std::string(option.help);
    app_.add_flag_function(
            is_on ? off + "," + on : on + "," + off, [set](int64_t given) { set(given > 0); }, help)
        ->group(heading_);
  }

  CLI::App& app_;
  std::string heading_ = "Options";
};

// Shows the first name of a flag alone.
class FlagFormatter : public CLI::Formatter {
 public:
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    const std::string names = CLI::Formatter::make_option_name(option, is_positional);
    const bool is_pair = names.find("{false}") != names.npos;
    return is_pair ? names.substr(0, names.find_first_of(",{")) : names;
  }
};

template <typename Options>
void bind_flags(CLI::App& app, Options& options) {
  FlagBinder binder(app);
  Options::visit(options, binder);
}

}  // namespace bertune
