// SPDX-License-Identifier: Apache-2.0
#include "datasets/kept_columns.h"

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace bertune {
namespace {

bool is_column(std::string_view option) { return option.ends_with("_column"); }

struct ListColumns {
  DataColumns& columns;

  void operator()(const char* name, const std::string& value, const char*) const {
    if (is_column(name) && !value.empty()) columns[name] = value;
  }
  void operator()(const char* name, const std::optional<int64_t>& value, const char*) const {
    if (is_column(name) && value) columns[name] = std::to_string(*value);
  }
  template <typename T>
  void operator()(const char*, const T&, const char*) const {}
};

struct FillColumns {
  const DataColumns& kept;

  void operator()(const char* name, std::string& value, const char*) const {
    if (is_column(name) && value.empty()) value = kept_value(name);
  }
  void operator()(const char* name, std::optional<int64_t>& value, const char*) const {
    const std::string text = kept_value(name);
    if (!is_column(name) || value || text.empty()) return;
    value = -1;  // of what is no number, so that it is refused as a column
    std::from_chars(text.data(), text.data() + text.size(), *value);
  }
  template <typename T>
  void operator()(const char*, T&, const char*) const {}

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
