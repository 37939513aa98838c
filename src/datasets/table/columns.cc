// SPDX-License-Identifier: Apache-2.0
#include "datasets/table/columns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <vector>

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

// "a,b" as a and b.
std::vector<std::string> split_names(const std::string& list) {
  std::vector<std::string> names;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    names.push_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

bool has_all(std::span<const std::string> names, const std::string& list) {
  if (index_of(names, list) >= 0) return true;
  const std::vector<std::string> wanted = split_names(list);
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const std::string& name) { return index_of(names, name) >= 0; });
}

// The column that holds the label, or several columns that are a label each.
void find_label(std::span<const std::string> names, const std::string& label,
                const std::string& place, ColumnIndices& found) {
  const bool several = label.find(',') != label.npos && index_of(names, label) < 0;
  if (!several) {
    found.label = label.empty() ? first_of(names, kLabels) : given_column(names, label, place);
    return;
  }
  for (const std::string& name : split_names(label)) {
    const int64_t index = given_column(names, name, place);
    const auto& known = found.labels;
    if (index >= 0 && std::find(known.begin(), known.end(), index) == known.end()) {
      found.labels.push_back(index);
      continue;
    }
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is '{}': a name is empty or comes twice", option("label_column"),
                            excerpt(label)),
                "name each column once, as in toxic,rude");
  }
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

int64_t ColumnIndices::last() const {
  const auto last_label = std::max_element(labels.begin(), labels.end());
  return std::max({text, text_pair, label, last_label == labels.end() ? -1 : *last_label});
}

bool are_numbers(const TextColumns& columns) {
  const auto is_number = [](const std::string& name) { return column_number(name) > 0; };
  const auto may_be = [&](const std::string& name) { return name.empty() || is_number(name); };
  return is_number(columns.text) && may_be(columns.text_pair) && may_be(columns.label);
}

TextColumns take_kept(std::span<const std::string> names, TextColumns columns,
                      const TextColumns& kept) {
  if (are_numbers(kept) && columns.given()) return columns;
  const bool all = are_numbers(kept);
  for (auto column : {&TextColumns::text, &TextColumns::text_pair}) {
    const bool found = all || index_of(names, kept.*column) >= 0;
    if ((columns.*column).empty() && found) columns.*column = kept.*column;
  }
  const bool found = all || has_all(names, kept.label);
  if (columns.label.empty() && found) columns.label = kept.label;
  return columns;
}

ColumnIndices find_text_columns(std::span<const std::string> names, const TextColumns& columns,
                                const std::string& place) {
  ColumnIndices found{.text = given_column(names, columns.text, place),
                      .text_pair = given_column(names, columns.text_pair, place)};
  if (found.text < 0) find_texts(names, found);
  if (found.text < 0 && names.size() == 1) found.text = 0;
  const int64_t label = first_of(names, kLabels);
  if (found.text < 0 && names.size() == 2 && label >= 0) found.text = 1 - label;
  if (found.text < 0) {
    throw Error(ErrorKind::kInput,
                fmt::format("{}: no column looks like a text; the columns are {}", place,
                            excerpt_list(names)),
                "call the column text, or as in the data that the model was trained on");
  }
  return found;
}

ColumnIndices find_columns(std::span<const std::string> names, const TextColumns& columns,
                           const std::string& place) {
  ColumnIndices found{.text = given_column(names, columns.text, place),
                      .text_pair = given_column(names, columns.text_pair, place)};
  find_label(names, columns.label, place, found);
  if (found.text < 0) find_texts(names, found);
  const bool two = names.size() == 2 && found.label >= 0;
  if (found.text < 0 && two) found.text = 1 - found.label;  // the other one
  if (found.text < 0) fail_missing(names, "a text", "text_column", place);
  if (found.label < 0 && found.labels.empty()) {
    fail_missing(names, "a label", "label_column", place);
  }
  return found;
}

ColumnIndices numbered_columns(const TextColumns& columns) {
  return {.text = column_number(columns.text) - 1,
          .text_pair = column_number(columns.text_pair) - 1,
          .label = column_number(columns.label) - 1};
}

}  // namespace bertune
