// SPDX-License-Identifier: Apache-2.0
#include "tasks/labels.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

std::optional<int64_t> whole_number(const std::string& name) {
  int64_t value = 0;
  const char* end = name.data() + name.size();
  const auto parsed = std::from_chars(name.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return {};
  return value;
}

void refuse_repeated(const Labels& labels, ErrorKind kind, const std::string& where) {
  const std::set<std::string> once(labels.begin(), labels.end());
  if (once.size() == labels.size() && once.find("") == once.end()) return;
  throw Error(kind,
              fmt::format("{}: a label is empty or comes twice: {}", where, excerpt_list(labels)),
              "give each label once, for example " + option("labels", "negative,positive"));
}

}  // namespace

Labels sort_labels(std::span<const std::string> used) {
  const std::set<std::string> once(used.begin(), used.end());
  Labels labels(once.begin(), once.end());
  const bool numbers = std::all_of(labels.begin(), labels.end(), [](const std::string& name) {
    return whole_number(name).has_value();
  });
  if (numbers) {
    std::stable_sort(labels.begin(), labels.end(), [](const std::string& a, const std::string& b) {
      return *whole_number(a) < *whole_number(b);
    });
  }
  return labels;
}

Labels parse_labels(std::string_view list) {
  if (!is_valid_utf8(list)) {
    throw Error(ErrorKind::kUsage, option("labels") + " is not valid UTF-8",
                "give the labels in UTF-8");
  }
  Labels labels;
  for (size_t begin = 0; begin <= list.size();) {
    const size_t end = std::min(list.find(',', begin), list.size());
    labels.emplace_back(python_strip(list.substr(begin, end - begin)));
    begin = end + 1;
  }
  refuse_repeated(labels, ErrorKind::kUsage, option("labels"));
  return labels;
}

bool are_anonymous(const Labels& labels) {
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] != fmt::format("LABEL_{}", i)) return false;
  }
  return true;
}

Labels given_labels(Labels given, const Labels& model) {
  if (model.empty() || given == model) return given;
  if (given.size() == model.size() && are_anonymous(model)) return given;
  if (std::set(given.begin(), given.end()) == std::set(model.begin(), model.end())) {
    log_info("the labels keep the order that the model learned: {}", fmt::join(model, ","));
    return model;
  }
  throw Error(
      ErrorKind::kUsage,
      fmt::format("{} is {}, but the model was tuned for {}", option("labels"),
                  fmt::join(given, ","), fmt::join(model, ",")),
      "leave " + option("labels") + " out, or train a new head with " + option("new_head", "true"));
}

Labels labels_of(const std::map<int64_t, std::string>& id2label) {
  Labels labels;
  for (const auto& [id, name] : id2label) {
    if (id != static_cast<int64_t>(labels.size())) {
      throw Error(ErrorKind::kInput,
                  fmt::format("id2label of config.json has no label {}", labels.size()),
                  "its ids must be 0, 1, 2 and so on, one for each output of the head");
    }
    labels.push_back(name);
  }
  refuse_repeated(labels, ErrorKind::kInput, "id2label of config.json");
  return labels;
}

LabelIndex::LabelIndex(const Labels& labels) {
  for (const std::string& name : labels) index_.emplace(name, static_cast<int32_t>(index_.size()));
}

int32_t LabelIndex::find(std::string_view name) const {
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

std::string describe_unknown_label(std::string_view name, const Labels& labels) {
  return fmt::format("label '{}' is not one of {}", excerpt(name), excerpt_list(labels));
}

}  // namespace bertune
