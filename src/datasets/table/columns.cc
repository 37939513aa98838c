// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/json.h"
#include "base/spelling.h"
#include "bertune/error.h"

namespace bertune {
namespace {

// Common names of the first and the second text; the first pair that a file has counts.
constexpr std::array kPairs{
    std::array{"sentence1", "sentence2"}, std::array{"premise", "hypothesis"},
    std::array{"question1", "question2"}, std::array{"question", "sentence"},
    std::array{"question", "context"},    std::array{"text", "text_pair"},
    std::array{"text1", "text2"},         std::array{"text_a", "text_b"},
    std::array{"#1 String", "#2 String"},
};
constexpr std::array kTexts{"text", "sentence", "content", "review", "premise", "sentence1"};
constexpr std::array kLabels{"label",   "labels",   "gold_label", "is_duplicate",
                             "Quality", "category", "class",      "score"};

int64_t index_of(std::span<const std::string> names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : found - names.begin();
}

template <typename Names>
int64_t first_of(std::span<const std::string> names, const Names& wanted) {
  for (const char* name : wanted) {
    const int64_t index = index_of(names, name);
    if (index >= 0) return index;
  }
  return -1;
}

// 0 if `name` is not a number from 1.
int64_t column_number(const std::string& name) {
  int64_t number = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, number);
  return parsed.ec == std::errc() && parsed.ptr == end ? std::max<int64_t>(number, 0) : 0;
}

int64_t given_column(std::span<const std::string> names, const std::string& name,
                     const std::string& place) {
  if (name.empty()) return -1;
  const int64_t index = index_of(names, name);
  if (index >= 0) return index;
  throw Error(ErrorKind::kInput, fmt::format("{}: there is no column '{}'", place, name),
              names.empty() ? std::string("there are no columns")
                            : fmt::format("the columns are {}; did you mean '{}'?",
                                          excerpt_list(names), excerpt(nearest_name(name, names))));
}

void find_texts(std::span<const std::string> names, ColumnIndices& found) {
  for (const auto& [first, second] : kPairs) {
    const int64_t a = index_of(names, first), b = index_of(names, second);
    if (a < 0 || b < 0) continue;
    found.text = a;
    found.text_pair = b;
    return;
  }
  found.text = first_of(names, kTexts);
}

[[noreturn]] void fail_missing(std::span<const std::string> names, const char* what,
                               const char* setting, const std::string& place) {
  throw Error(ErrorKind::kInput,
              fmt::format("{}: no column looks like {}; the columns are {}", place, what,
                          excerpt_list(names)),
              fmt::format("name it with {}, or give its number from 1 if the file has no header",
                          option(setting)));
}

}  // namespace

int64_t ColumnIndices::last() const { return std::max({text, text_pair, label}); }

bool are_numbers(const TextColumns& columns) {
  const auto is_number = [](const std::string& name) { return column_number(name) > 0; };
  const auto may_be = [&](const std::string& name) { return name.empty() || is_number(name); };
  return is_number(columns.text) && may_be(columns.text_pair) && may_be(columns.label);
}

TextColumns take_kept(std::span<const std::string> names, TextColumns columns,
                      const TextColumns& kept) {
  if (are_numbers(kept)) return columns.given() ? columns : kept;
  for (auto column : {&TextColumns::text, &TextColumns::text_pair, &TextColumns::label}) {
    const bool found = index_of(names, kept.*column) >= 0;
    if ((columns.*column).empty() && found) columns.*column = kept.*column;
  }
  return columns;
}

ColumnIndices find_columns(std::span<const std::string> names, const TextColumns& columns,
                           const std::string& place) {
  ColumnIndices found{.text = given_column(names, columns.text, place),
                      .text_pair = given_column(names, columns.text_pair, place),
                      .label = given_column(names, columns.label, place)};
  if (found.label < 0) found.label = first_of(names, kLabels);
  if (found.text < 0) find_texts(names, found);
  const bool two = names.size() == 2 && found.label >= 0;
  if (found.text < 0 && two) found.text = 1 - found.label;  // the other one
  if (found.text < 0) fail_missing(names, "a text", "text_column", place);
  if (found.label < 0) fail_missing(names, "a label", "label_column", place);
  return found;
}

ColumnIndices numbered_columns(const TextColumns& columns) {
  return {.text = column_number(columns.text) - 1,
          .text_pair = column_number(columns.text_pair) - 1,
          .label = column_number(columns.label) - 1};
}

}  // namespace bertune
