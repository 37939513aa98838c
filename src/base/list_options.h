// SPDX-License-Identifier: Apache-2.0
// The options of a struct with their values as text, for the table at the start of training and for
// finding out which ones are set. Relies on the struct's visit().
#pragma once

#include <fmt/format.h>

#include <optional>
#include <string>
#include <vector>

#include "bertune/options.h"

namespace bertune {

struct ListedOption {
  Option option;
  std::string value;
};

struct OptionLister {
  std::vector<ListedOption>& list;

  template <typename T>
  void operator()(const Option& option, const T& value) const {
    list.push_back({option, fmt::format("{}", value)});
  }
  template <typename T>
  void operator()(const Option& option, const std::optional<T>& value) const {
    list.push_back({option, value ? fmt::format("{}", *value) : "the default"});
  }
};

// Every option, in the order of visit().
template <typename Options>
std::vector<ListedOption> list_options(const Options& options) {
  std::vector<ListedOption> list;
  Options::visit(options, OptionLister{list});
  return list;
}

// The options whose value is not the default, in the same order.
template <typename Options>
std::vector<ListedOption> given_options(const Options& options) {
  std::vector<ListedOption> given;
  const std::vector<ListedOption> all = list_options(options), defaults = list_options(Options{});
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].value != defaults[i].value) given.push_back(all[i]);
  }
  return given;
}

}  // namespace bertune
