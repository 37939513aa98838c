// SPDX-License-Identifier: Apache-2.0
// The tasks that a model can be trained for, with the recipe of each.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// The default training settings of a task.
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

// Data and an input to show a task with.
struct TaskExample {
  const char* model;
  const char* train_dataset;
  const char* eval_dataset;
  const char* input;
};

struct TaskSummary {
  std::string name;  // "question_answering"
  std::string help;  // what it does, data formats, metrics, inputs
  TaskExample example;
  std::string metric_name;         // the name in Evaluation: "QA Metric"
  std::string main_metric;         // the metric used to pick the best checkpoint: "f1"
  int64_t top_k = 1;               // default number of predictions per input
  bool single_prediction = false;  // with top_k 1, every input has exactly one prediction
  Recipe recipe;
};

// All tasks, in documentation order.
std::vector<TaskSummary> tasks();

// The task called `name`. Throws Error{kUsage}, with the nearest name, if there is none.
TaskSummary find_task(std::string_view name);

// Whether predictions are shown as one flat list with the best prediction of each input, instead of
// a list per input.
bool is_flat(const TaskSummary& task, std::optional<int64_t> top_k);

}  // namespace bertune
