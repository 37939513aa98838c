// SPDX-License-Identifier: Apache-2.0
#include "bench/data.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "model/heads/heads.h"
#include "tasks/tasks.h"

namespace bertune {
namespace {

// Lengths of real windows (uncased vocabulary, special tokens included): the sorted lengths are cut
// into 64 equal parts, and each entry is the mean of one. SST-2's training sentences have
// mean 13.32 and mean square 268.5; these have 13.30 and 267.2.
constexpr std::array kSst2Lengths = {
    3,  3,  4,  4,  4,  4,  4,  5,  5,  5,  5,  5,  5,  6,  6,  6,  6,  6,  7,  7,  7,  7,
    8,  8,  8,  8,  9,  9,  9,  9,  10, 10, 10, 11, 11, 11, 12, 12, 13, 13, 14, 14, 14, 15,
    16, 16, 17, 17, 18, 19, 20, 20, 21, 22, 23, 24, 26, 27, 29, 30, 33, 35, 39, 47};
// WNUT-17's training sentences have mean 31.32 and mean square 1130.6; these have 31.31 and 1130.4.
constexpr std::array kWnutLengths = {
    6,  9,  10, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 21, 22, 22, 23, 24, 24, 25, 25,
    26, 26, 27, 28, 28, 29, 29, 30, 31, 31, 32, 32, 33, 33, 34, 34, 35, 35, 36, 36, 37, 37,
    38, 39, 39, 40, 40, 41, 42, 42, 43, 44, 45, 45, 46, 47, 48, 49, 51, 53, 56, 62};
constexpr std::array kFullLengths = {128};  // continuous text fills its windows

constexpr int32_t kClasses = 2;  // of SST-2
constexpr int32_t kTags = 13;    // of WNUT-17: six types, each with B- and I-, and O
constexpr double kHiddenShare = 0.15;
constexpr uint64_t kClassStream = 1, kTagStream = 2, kHiddenStream = 3;

std::vector<std::string> numbered_labels(int32_t count) {
  std::vector<std::string> labels;
  for (int32_t i = 0; i < count; ++i) labels.push_back(fmt::format("{}", i));
  return labels;
}

// Adds a target for every word: `target_of` its token, given window and position.
template <typename TargetOf>
void add_token_targets(WindowSet& set, TargetOf target_of) {
  for (size_t w = 0; w < set.windows.size(); ++w) {
    const auto length = static_cast<size_t>(set.windows[w].length());
    std::vector<int32_t>& targets = set.token_targets.emplace_back(length, kIgnoredTarget);
    for (size_t i = 1; i + 1 < length; ++i) targets[i] = target_of(w, i);
  }
}

void add_classes(WindowSet& set) {
  set.targets_per_window = 1;
  for (uint64_t w = 0; w < set.windows.size(); ++w) {
    set.targets.push_back(static_cast<int32_t>(fold(kClassStream, w) % kClasses));
  }
}

void add_tags(WindowSet& set) {
  add_token_targets(set, [](uint64_t w, uint64_t i) {
    return static_cast<int32_t>(fold(fold(kTagStream, w), i) % kTags);
  });
}

// Adds targets but leaves the words in place, because masking them does not change the time.
void add_hidden_words(WindowSet& set) {
  set.predicts_words = true;
  add_token_targets(set, [&](uint64_t w, uint64_t i) {
    const Window& window = set.windows[w];
    const auto at = static_cast<size_t>(window.first_begin) + i - 1;
    const bool hidden = uniform(fold(kHiddenStream, w), i) < kHiddenShare;
    return hidden ? set.texts[static_cast<size_t>(window.first)][at].id : kIgnoredTarget;
  });
}

// How the synthetic windows of a task are made.
struct MadeUp {
  HeadKind head;
  std::span<const int> lengths;
  const char* source;
  void (*add_targets)(WindowSet& set);
  int32_t labels;
};

constexpr std::array kMadeUp = {
    MadeUp{HeadKind::kSequenceClassification, kSst2Lengths,
           "synthetic windows with SST-2's lengths", add_classes, kClasses},
    MadeUp{HeadKind::kTokenClassification, kWnutLengths, "synthetic windows with WNUT-17's lengths",
           add_tags, kTags},
    MadeUp{HeadKind::kMaskedLanguageModel, kFullLengths, "synthetic windows of 128 tokens",
           add_hidden_words, 0},
};

BenchData make_up(const BenchWorkOptions& options, BertConfig config, HeadKind head) {
  if (head == HeadKind::kQuestionAnswering) return {bench_windows(options, config), config, head};
  const MadeUp& kind = *std::ranges::find(kMadeUp, head, &MadeUp::head);
  const auto length = static_cast<int>(options.length);
  const bool fixed = length > 0;
  const std::span<const int> lengths = fixed ? std::span(&length, 1) : kind.lengths;
  BenchWindows windows{fixed ? fmt::format("synthetic windows of {} tokens", length) : kind.source,
                       make_text_windows(repeat_lengths(lengths, config), config)};
  kind.add_targets(windows.set);
  if (kind.labels > 0) set_labels(numbered_labels(kind.labels), config);
  return {std::move(windows), std::move(config), head};
}

BenchData read_data(const BenchTrainOptions& options, const Task& task, BertConfig config) {
  const Recipe& recipe = task.description().recipe;
  const Tokenizer tokenizer = bench_tokenizer(options.work, config);
  const TaskContext context{
      .tokenizer = tokenizer,
      .limits = fitting_limits(recipe.max_seq_length, recipe.doc_stride, config),
      .masking = {},
      .reading = {}};
  TrainingData data = task.read_training(context, {.dataset = options.work.data, .data = {}});
  keep_reading(data.reading, config);
  return {{options.work.data, std::move(data.windows)}, config, task.description().head};
}

}  // namespace

BenchData bench_data(const BenchTrainOptions& options, const BertConfig& config) {
  const std::unique_ptr<Task> task = make_task(options.task);
  check_lengths(options.work, config);
  if (options.work.data.empty()) return make_up(options.work, config, task->description().head);
  return read_data(options, *task, config);
}

}  // namespace bertune
