// SPDX-License-Identifier: Apache-2.0
// The tasks that models can be trained for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// The settings that a task trains with where none are given.
struct Recipe {
  int64_t epochs = 0;
  int64_t batch_size = 0;
  double learning_rate = 0.0;
  double final_learning_rate = 0.0;
  double warmup_ratio = 0.0;
  int64_t max_seq_length = 0;
  int64_t doc_stride = 0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("epochs", self.epochs);
    visitor("batch_size", self.batch_size);
    visitor("learning_rate", self.learning_rate);
    visitor("final_learning_rate", self.final_learning_rate);
    visitor("warmup_ratio", self.warmup_ratio);
    visitor("max_seq_length", self.max_seq_length);
    visitor("doc_stride", self.doc_stride);
  }
};

struct TaskSummary {
  std::string name;                // "question_answering"
  std::string help;                // data formats, metrics and an example
  std::string metric_name;         // of an Evaluation: "QA Metric"
  std::string main_metric;         // used to pick the best checkpoint: "f1"
  int64_t top_k = 1;               // predictions for an input, unless more are asked for
  bool single_prediction = false;  // with top_k 1, an input has exactly one prediction
  Recipe recipe;
};

// All tasks, in the order of the documentation.
std::vector<TaskSummary> tasks();

// Throws Error{kUsage} that names the nearest.
TaskSummary find_task(std::string_view name);

// Whether predictions are shown as one flat list with the best of each input instead of a list for
// each input.
bool is_flat(const TaskSummary& task, std::optional<int64_t> top_k);

}  // namespace bertune
