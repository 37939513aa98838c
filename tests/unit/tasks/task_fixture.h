// SPDX-License-Identifier: Apache-2.0
// Shared by the tests of all tasks: a vocabulary of letters, files in a temporary folder, and
// logits that depend on the tokens of a window.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "batch/batch.h"
#include "expect_error.h"
#include "tasks/tasks.h"
#include "temporary_folder.h"

namespace bertune {

using Strings = std::vector<std::string>;

inline constexpr int32_t kA = 8, kB = 9;  // ids of a and b

// One-letter words; `zz` has two tokens.
inline Tokenizer letters() {
  std::vector<std::string> vocabulary{"[PAD]",  "[UNK]", "[CLS]", "[SEP]",
                                      "[MASK]", "##z",   ".",     "-"};
  for (char c = 'a'; c <= 'z'; ++c) vocabulary.emplace_back(1, c);
  return Tokenizer(std::move(vocabulary), {});
}

class TaskTest : public testing::Test {
 protected:
  explicit TaskTest(const char* task) : task_(make_task(task)) {}

  TaskContext context() const {
    return {.tokenizer = tokenizer_,
            .limits = {.max_seq_length = 16, .doc_stride = 4},
            .masking = masking_,
            .reading = reading_};
  }
  std::filesystem::path put(const std::string& name, std::string_view content) const {
    return put_file(folder_ / name, content);
  }
  TrainingData train(const std::string& name, std::string_view content) const {
    return task_->read_training(context(), {.dataset = put(name, content), .data = data_});
  }
  EvaluateRequest request(const std::filesystem::path& path) const {
    return {.eval_dataset = path.string(), .data = data_};
  }
  // Also checks that list_metrics returns the same metric names.
  Metrics evaluate(const EvaluateRequest& request, const Infer& infer) const {
    const Metrics metrics = task_->evaluate(context(), request, infer);
    EXPECT_EQ(task_->list_metrics(context(), request), names_of(metrics));
    return metrics;
  }
  std::map<std::string, double> evaluate(const std::string& name, std::string_view content,
                                         const Infer& infer) const {
    const Metrics metrics = evaluate(request(put(name, content)), infer);
    return {metrics.begin(), metrics.end()};
  }
  Predictions predict(const std::vector<Input>& inputs, int64_t top_k, const Infer& infer) const {
    return bertune::predict(*task_, context(), {.inputs = inputs, .top_k = top_k}, infer);
  }

  // Expects the predictions for many repetitions of some rows to be those for the rows, repeated.
  void expect_the_same_in_parts(const std::string& header, const std::string& rows,
                                const Infer& infer) const {
    constexpr int kTimes = 3000;
    const auto repeat = [](const std::string& text) {
      std::string repeated;
      for (int i = 0; i < kTimes; ++i) repeated += text;
      return repeated;
    };
    const auto evaluate_to = [&](const std::string& name, const std::string& content) {
      EvaluateRequest wanted = request(put("data", content));
      wanted.files.predictions = (folder_ / name).string();
      return evaluate(wanted, infer);
    };
    const Metrics few = evaluate_to("few", header + rows);
    const Metrics many = evaluate_to("many", header + repeat(rows));
    EXPECT_EQ(get_file(folder_ / "many"), repeat(get_file(folder_ / "few")));
    for (size_t m = 0; m < few.size(); ++m) {
      EXPECT_EQ(many[m].first, few[m].first);
      const bool counts = few[m].first.ends_with("support");
      EXPECT_NEAR(many[m].second, few[m].second * (counts ? kTimes : 1), 1e-12) << few[m].first;
    }
  }

  const std::unique_ptr<Task> task_;
  const TemporaryFolder folder_;
  const Tokenizer tokenizer_ = letters();
  DataOptions data_;
  MaskingOptions masking_;
  Reading reading_;
};

// Logits with one row of `columns` per window: 1 at the column that `choose` returns for the
// window's first token, else 0.
inline Infer by_first_token(size_t columns, const std::function<size_t(int32_t id)>& choose) {
  return [=](const WindowSet& set, const LogitsSink& sink) {
    for (size_t w = 0; w < set.windows.size(); ++w) {
      std::vector<float> logits(columns);
      logits[choose(set.texts[static_cast<size_t>(set.windows[w].first)].at(0).id)] = 1.0f;
      sink(static_cast<int32_t>(w), logits);
    }
  };
}

// The same for every token of a window, including special tokens.
inline Infer by_token(size_t columns, const std::function<size_t(int32_t id)>& choose) {
  return [=](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      std::vector<float> logits(columns * batch.ids.size());
      for (size_t row = 0; row < batch.ids.size(); ++row) {
        logits[row * columns + choose(batch.ids[row])] = 1.0f;
      }
      sink(w, logits);
    }
  };
}

}  // namespace bertune
