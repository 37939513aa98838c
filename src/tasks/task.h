// What a task is to the rest of bertune: its data as windows, its logits as predictions, its
// predictions as metrics. How logits are computed is the caller's business. A task is one file that
// implements this; data formats have files of their own.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bertune/options.h"
#include "bertune/results.h"
#include "data/window.h"
#include "model/params.h"
#include "text/tokenizer.h"

namespace bertune {

// The logits of one window, in the order of rows; how many a row has is the head's.
using LogitsSink = std::function<void(int32_t window, std::span<const float> logits)>;

// Passes all windows of a set through a model, in order, and hands over their logits.
using Infer = std::function<void(const WindowSet& set, const LogitsSink& sink)>;

// What a task needs besides the data.
struct TaskContext {
  const Tokenizer& tokenizer;
  WindowLimits limits;
  AnswerOptions answer;
};

struct TrainingData {
  WindowSet windows;             // with targets
  std::vector<std::string> ids;  // of each example, for messages about a window
};

// The name of a task and of what belongs to it.
struct TaskDescription {
  const char* name;  // "question_answering"
  HeadKind head;
  const char* metric_name;  // "QA Metric"
  const char* main_metric;  // the one of them that tells which weights are the best: "f1"
  bool single_prediction;   // an input has one prediction, unless more are asked for
};

class Task {
 public:
  virtual ~Task() = default;

  virtual const TaskDescription& description() const = 0;

  // Reads `path` and makes all windows; `max_examples` 0: all examples. Throws Error{kSystem,
  // kUsage, kInput}.
  virtual TrainingData read_training(const TaskContext& context, const std::filesystem::path& path,
                                     int64_t max_examples) const = 0;

  // Answers options.eval_dataset, writes the files that the options name, returns the metrics.
  virtual Metrics evaluate(const TaskContext& context, const EvaluateOptions& options,
                           const Infer& infer) const = 0;

  // Metrics of the predictions file options.score, for which no model is needed.
  virtual Metrics score(const EvaluateOptions& options) const = 0;

  // Throws Error{kInput} for what the task cannot read.
  virtual void check_input(const Input& input) const = 0;

  // The `top_k` best predictions for each input, in order.
  virtual Predictions predict(const TaskContext& context, std::span<const Input> inputs,
                              int64_t top_k, const Infer& infer) const = 0;
};

// All tasks there are, by name.
std::vector<std::string> task_names();

// Throws Error{kUsage} that lists the tasks and names the nearest.
std::unique_ptr<Task> make_task(std::string_view name);

// Predict gives one flat list with the best of each input, instead of a list for each.
bool is_flat(const TaskDescription& task, int64_t top_k);

}  // namespace bertune
