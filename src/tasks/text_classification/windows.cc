// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "text/encode_all.h"

namespace bertune {
namespace {

// The texts of the examples, or text and pair in turn.
std::vector<std::string_view> list_texts(const TextData& data, bool pairs) {
  std::vector<std::string_view> texts;
  for (const TextExample& example : data.examples) {
    texts.push_back(example.text);
    if (pairs) texts.push_back(example.text_pair);
  }
  return texts;
}

[[noreturn]] void fail_unknown(const std::string& place, const std::string& label,
                               const Labels& labels) {
  throw Error(ErrorKind::kInput,
              fmt::format("{}: {}", place, describe_unknown_label(label, labels)),
              "the labels are those of the training data, of " + option("labels") +
                  " or of the checkpoint's config.json (id2label); correct the row, or train a new "
                  "head for the labels of the data with " +
                  option("new_head", "true"));
}

[[noreturn]] void fail_not_a_number(const std::string& place, const std::string& label) {
  throw Error(ErrorKind::kInput, fmt::format("{}: '{}' is not a number", place, excerpt(label)),
              "the labels are predicted as numbers; correct the row, or give the classes with " +
                  option("labels"));
}

// Refuses labels such as 1 and 1.0, which would be two classes.
void refuse_equal_numbers(const Labels& labels) {
  std::map<double, std::string> known;
  for (const std::string& label : labels) {
    const std::optional<double> number = number_of_label(label);
    if (!number) return;
    const auto [other, added] = known.emplace(*number, label);
    if (added || (label + other->second).find_first_of(".eE") == std::string::npos) continue;
    throw Error(ErrorKind::kInput,
                fmt::format("the labels '{}' and '{}' are the same number", other->second, label),
                "write equal labels in the same way, or set " + option("regression", "true") +
                    " to predict numbers");
  }
}

// Refuses lists such as [0, 1, 0], which say by position what a text has.
void refuse_indicators(const Labels& labels) {
  if (labels != Labels{"0", "1"} && labels != Labels{"0.0", "1.0"}) return;
  throw Error(ErrorKind::kInput, "the lists of labels hold only the values 0 and 1",
              "a list holds the names of the labels that a text has; for names that are 0 and 1, "
              "set " +
                  option("labels", "0,1"));
}

}  // namespace

KeptTokens cut_longest_first(int32_t first, int32_t second, int32_t room) {
  if (first + second <= room) return {first, second};
  const int32_t shorter = std::min(first, second);
  const int32_t half = room / 2;
  const int32_t kept_shorter = std::min(shorter, half), kept_longer = room - kept_shorter;
  if (first > second) return {kept_longer, kept_shorter};
  return {kept_shorter, kept_longer};
}

TextWindowMaker::TextWindowMaker(const Tokenizer& tokenizer, const TextShape& shape)
    : tokenizer_(tokenizer), shape_(shape) {
  const int32_t special = shape.pairs ? 3 : 2;
  if (shape.max_seq_length > special) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} is {}, which leaves no room beside {} special tokens",
                          option("max_seq_length"), shape.max_seq_length, special),
              "raise it, for example to 128");
}

WindowSet TextWindowMaker::make(const TextData& data) {
  WindowSet set;
  set.special = tokenizer_.special();
  set.texts = tokenize_texts(tokenizer_, list_texts(data, shape_.pairs));
  for (int32_t e = 0; e < static_cast<int32_t>(data.examples.size()); ++e) {
    set.windows.push_back(window_of(set, e));
  }
  examples_ += static_cast<int64_t>(data.examples.size());
  return set;
}

Window TextWindowMaker::window_of(const WindowSet& set, int32_t example) {
  Window window{
      .example = example, .first = shape_.pairs ? 2 * example : example, .first_length = 0};
  const auto first = static_cast<int32_t>(set.texts[window.first].size());
  if (!shape_.pairs) {
    window.first_length = std::min(first, shape_.max_seq_length - 2);
    cut_ += window.first_length < first;
    return window;
  }
  window.second = window.first + 1;
  const auto second = static_cast<int32_t>(set.texts[window.second].size());
  const KeptTokens kept = cut_longest_first(first, second, shape_.max_seq_length - 3);
  window.first_length = kept.first;
  window.second_end = kept.second;
  cut_ += kept.first < first || kept.second < second;
  return window;
}

void TextWindowMaker::report() const {
  if (cut_ == 0) return;
  log_warning("{} of {} examples were cut at {} tokens; max_seq_length raises this limit", cut_,
              examples_, shape_.max_seq_length);
}

WindowSet make_text_windows(const Tokenizer& tokenizer, const TextData& data,
                            const TextShape& shape) {
  TextWindowMaker maker(tokenizer, shape);
  WindowSet set = maker.make(data);
  maker.report();
  return set;
}

std::vector<int32_t> class_targets(const TextData& data, const Labels& labels) {
  const LabelIndex index(labels);
  std::vector<int32_t> targets;
  for (size_t e = 0; e < data.examples.size(); ++e) {
    const std::string& label = data.examples[e].label;
    targets.push_back(index.find(label));
    if (targets.back() < 0) fail_unknown(data.place_of(e), label, labels);
  }
  return targets;
}

std::vector<float> label_targets(const TextData& data, const Labels& labels) {
  const LabelIndex index(labels);
  std::vector<float> targets(data.examples.size() * labels.size());
  for (size_t e = 0; e < data.examples.size(); ++e) {
    for (const std::string& label : data.examples[e].all_labels()) {
      const int32_t found = index.find(label);
      if (found < 0) fail_unknown(data.place_of(e), label, labels);
      targets[e * labels.size() + static_cast<size_t>(found)] = 1.0f;
    }
  }
  return targets;
}

std::vector<double> number_targets(const TextData& data) {
  std::vector<double> targets;
  for (size_t e = 0; e < data.examples.size(); ++e) {
    const std::string& label = data.examples[e].label;
    const std::optional<double> value = number_of_label(label);
    if (!value) fail_not_a_number(data.place_of(e), label);
    targets.push_back(*value);
  }
  return targets;
}

void check_classes(const TextInfo& info, const Labels& labels) {
  const LabelIndex index(labels);
  for (const SeenLabel& label : info.labels) {
    if (index.find(label.name) < 0) fail_unknown(label.place, label.name, labels);
  }
}

void check_numbers(const TextInfo& info) {
  if (info.not_a_number) fail_not_a_number(info.not_a_number->place, info.not_a_number->name);
}

Labels find_labels(const TextInfo& info) {
  if (info.glue != nullptr) return info.glue->labels;
  if (!info.label_columns.empty()) return info.label_columns;
  const std::string hint = "; is " + option("label_column") + " right?";
  if (info.labels.size() == TextInfo::kMostLabels) {
    throw Error(ErrorKind::kInput,
                fmt::format("the {} examples have {} different labels or more", info.examples,
                            TextInfo::kMostLabels),
                "a classifier has a logit for each label" + hint);
  }
  Labels used;
  for (const SeenLabel& label : info.labels) used.push_back(label.name);
  Labels labels = sort_labels(used);
  refuse_equal_numbers(labels);
  if (info.multi_label) refuse_indicators(labels);
  if (labels.size() >= (info.multi_label ? 1u : 2u)) return labels;
  if (info.multi_label) {
    throw Error(ErrorKind::kInput, fmt::format("none of {} examples has a label", info.examples),
                "training needs examples of each label, or their names in " + option("labels"));
  }
  throw Error(
      ErrorKind::kInput,
      fmt::format("all {} examples have the label '{}'", info.examples, excerpt(labels.front())),
      "a classifier needs examples of at least two labels" + hint);
}

}  // namespace bertune
