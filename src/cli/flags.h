// SPDX-License-Identifier: Apache-2.0
// Command-line flags derived from an option struct's visit: max_seq_length becomes
// --max-seq-length.
#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace bertune {

inline std::string flag_name(const char* field) {
  std::string name(field);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

struct FlagBinder {
  CLI::App& app;

  template <typename T>
  void operator()(const char* field, T& value, const char* help) const {
    app.add_option("--" + flag_name(field), value, help)
        ->capture_default_str()
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);  // so that a script can be amended
  }
  void operator()(const char* field, bool& value, const char* help) const {
    flag(field, help, [&value](int64_t given) { value = given > 0; });
  }
  void operator()(const char* field, std::optional<bool>& value, const char* help) const {
    flag(field, help, [&value](int64_t given) { value = given > 0; });
  }

 private:
  // A function, because CLI11 would give a flag that is not there the value false.
  void flag(const char* field, const char* help, std::function<void(int64_t)> set) const {
    const std::string name = flag_name(field);
    app.add_flag_function("--" + name + ",!--no-" + name, std::move(set), help);
  }
};

template <typename Options>
void bind_flags(CLI::App& app, Options& options) {
  Options::visit(options, FlagBinder{app});
}

}  // namespace bertune
