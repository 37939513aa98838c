// SPDX-License-Identifier: Apache-2.0
// The options of a struct as texts: for the table at the start of training, and to see which of
// them are given.
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bertune {

struct SettingLister {
  std::vector<std::pair<std::string, std::string>>& table;

  template <typename T>
  void operator()(const char* name, const T& value, const char*) const {
    table.emplace_back(name, fmt::format("{}", value));
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& value, const char*) const {
    table.emplace_back(name, value ? fmt::format("{}", *value) : "the default");
  }
};

// Every option with its value as text, in the order of visit().
template <typename Options>
std::vector<std::pair<std::string, std::string>> list_settings(const Options& options) {
  std::vector<std::pair<std::string, std::string>> table;
  Options::visit(options, SettingLister{table});
  return table;
}

}  // namespace bertune
