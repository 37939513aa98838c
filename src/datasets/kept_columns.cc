// SPDX-License-Identifier: Apache-2.0
#include "datasets/kept_columns.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bertune {
namespace {

bool is_column(std::string_view option) {
  return option.ends_with("_column") || option == "label_separator";
}

struct ListColumns {
  DataColumns& columns;

  void operator()(const Option& option, const std::string& value) const {
    if (is_column(option.name) && !value.empty()) columns[option.name] = value;
  }
  void operator()(const Option& option, const std::optional<int64_t>& value) const {
    if (is_column(option.name) && value) columns[option.name] = std::to_string(*value);
  }
  template <typename T>
  void operator()(const Option&, const T&) const {}
};

struct FillColumns {
  const DataColumns& kept;

  void operator()(const Option& option, std::string& value) const {
    if (is_column(option.name) && value.empty()) value = kept_value(option.name);
  }
  void operator()(const Option& option, std::optional<int64_t>& value) const {
    const std::string text = kept_value(option.name);
    if (!is_column(option.name) || value || text.empty()) return;
    value = -1;  // a text that is not a number is refused as a column
    std::from_chars(text.data(), text.data() + text.size(), *value);
  }
  template <typename T>
  void operator()(const Option&, T&) const {}

 private:
  std::string kept_value(const char* name) const {
    const auto found = kept.find(name);
    return found == kept.end() ? std::string() : found->second;
  }
};

}  // namespace

DataColumns given_columns(const DataOptions& options) {
  DataColumns columns;
  DataOptions::visit(options, ListColumns{columns});
  return columns;
}

DataOptions with_kept_columns(DataOptions options, const DataColumns& kept) {
  DataOptions::visit(options, FillColumns{kept});
  return options;
}

}  // namespace bertune
