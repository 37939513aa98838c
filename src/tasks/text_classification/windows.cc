// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/json.h"
#include "base/log.h"
#include "bertune/error.h"
#include "text/encode_all.h"

namespace bertune {
namespace {

std::optional<double> number_of(const std::string& label) {
  double value = 0.0;
  const char* end = label.data() + label.size();
  const auto parsed = std::from_chars(label.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(value)) return {};
  return value;
}

// The texts of the examples, or text and pair in turn.
std::vector<std::string_view> list_texts(const TextData& data) {
  std::vector<std::string_view> texts;
  for (const TextExample& example : data.examples) {
    texts.push_back(example.text);
    if (data.pairs) texts.push_back(example.text_pair);
  }
  return texts;
}

void require_room(int32_t max_seq_length, bool pairs) {
  const int32_t special = pairs ? 3 : 2;
  if (max_seq_length > special) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("--max-seq-length is {}, which leaves no room beside {} special tokens",
                          max_seq_length, special),
              "raise it, for example to 128");
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

WindowSet TextWindowMaker::make(const TextData& data) {
  require_room(max_seq_length_, data.pairs);
  WindowSet set;
  set.special = tokenizer_.special();
  set.texts = tokenize_texts(tokenizer_, list_texts(data));
  for (int32_t e = 0; e < static_cast<int32_t>(data.examples.size()); ++e) {
    set.windows.push_back(window_of(set, e, data.pairs));
  }
  examples_ += static_cast<int64_t>(data.examples.size());
  return set;
}

Window TextWindowMaker::window_of(const WindowSet& set, int32_t example, bool pairs) {
  Window window{.example = example, .first = pairs ? 2 * example : example, .first_length = 0};
  const auto first = static_cast<int32_t>(set.texts[window.first].size());
  if (!pairs) {
    window.first_length = std::min(first, max_seq_length_ - 2);
    cut_ += window.first_length < first;
    return window;
  }
  window.second = window.first + 1;
  const auto second = static_cast<int32_t>(set.texts[window.second].size());
  const KeptTokens kept = cut_longest_first(first, second, max_seq_length_ - 3);
  window.first_length = kept.first;
  window.second_end = kept.second;
  cut_ += kept.first < first || kept.second < second;
  return window;
}

void TextWindowMaker::report() const {
  if (cut_ == 0) return;
  log_warning("{} of {} examples were cut at {} tokens; --max-seq-length raises this", cut_,
              examples_, max_seq_length_);
}

WindowSet make_text_windows(const Tokenizer& tokenizer, const TextData& data,
                            int32_t max_seq_length) {
  TextWindowMaker maker(tokenizer, max_seq_length);
  WindowSet set = maker.make(data);
  maker.report();
  return set;
}

std::vector<int32_t> class_targets(const TextData& data, const Labels& labels) {
  const LabelIndex index(labels);
  std::vector<int32_t> targets;
  for (size_t e = 0; e < data.examples.size(); ++e) {
    targets.push_back(index.find(data.examples[e].label));
    if (targets.back() >= 0) continue;
    throw Error(ErrorKind::kInput,
                fmt::format("{}: {}", data.place_of(e),
                            describe_unknown_label(data.examples[e].label, labels)),
                "the labels are those of the training data, of --labels or of the checkpoint's "
                "config.json (id2label); correct the row, or train with this label too");
  }
  return targets;
}

std::vector<double> number_targets(const TextData& data) {
  std::vector<double> targets;
  for (size_t e = 0; e < data.examples.size(); ++e) {
    const std::optional<double> value = number_of(data.examples[e].label);
    if (!value) {
      throw Error(ErrorKind::kInput,
                  fmt::format("{}: '{}' is not a number", data.place_of(e),
                              excerpt(data.examples[e].label)),
                  "all other labels are numbers, so that they are predicted as numbers; correct "
                  "the row, or give the classes with --labels");
    }
    targets.push_back(*value);
  }
  return targets;
}

bool are_numbers(const TextData& data) {
  if (data.glue != nullptr) return data.glue->labels.empty();
  bool fractions = false;
  for (const TextExample& example : data.examples) {
    if (!number_of(example.label)) return false;
    fractions |= example.label.find_first_of(".eE") != std::string::npos;
  }
  return fractions;
}

Labels find_labels(const TextData& data) {
  if (data.glue != nullptr) return data.glue->labels;
  Labels used;
  for (const TextExample& example : data.examples) used.push_back(example.label);
  Labels labels = sort_labels(used);
  if (labels.size() >= 2) return labels;
  throw Error(
      ErrorKind::kInput,
      fmt::format("all {} examples have the label '{}'", used.size(), excerpt(labels.front())),
      "a classifier needs examples of at least two labels; is --label-column right?");
}

}  // namespace bertune
