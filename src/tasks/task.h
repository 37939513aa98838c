// SPDX-License-Identifier: Apache-2.0
// What a task is to the rest of bertune: its data as windows, its logits as predictions, its
// predictions as metrics. How logits are computed is the caller's business. A task is one file that
// implements this; data formats have files of their own.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "batch/window.h"
#include "bertune/options.h"
#include "bertune/results.h"
#include "datasets/kept_columns.h"
#include "formats/model_files.h"
#include "model/config.h"
#include "model/params.h"
#include "text/tokenizer.h"

namespace bertune {

// The logits of one window, in the order of rows; how many a row has is the head's.
using LogitsSink = std::function<void(int32_t window, std::span<const float> logits)>;

// Passes all windows of a set through a model, in order, and hands over their logits.
using Infer = std::function<void(const WindowSet& set, const LogitsSink& sink)>;

// How the inputs and logits of a model are to be read. Training decides it, config.json keeps it.
struct Reading {
  std::vector<std::string> labels;  // what the logits mean, in order
  bool regression = false;          // the logit is a number
  bool text_pairs = false;          // an input is two texts
  bool word_per_character = false;  // a word is a character, whatever the script
  DataColumns columns;              // where its data has what, as far as that was given
};
Reading reading_of(const BertConfig& config, HeadKind head);
void keep_reading(const Reading& reading, BertConfig& config);

// What a task needs besides the data.
struct TaskContext {
  const Tokenizer& tokenizer;
  WindowLimits limits;
  AnswerOptions answer;
  DataOptions data;
  Reading reading;  // the model's; in training only where its head is of this task already
};

struct TrainingData {
  WindowSet windows;             // with targets
  std::vector<std::string> ids;  // of each example, for messages about a window
  Reading reading;
};

// The options that a task trains with where none are given.
struct Recipe {
  int64_t epochs;
  int64_t batch_size;
  double learning_rate;
  double final_learning_rate;
  double warmup_ratio;
  int64_t max_seq_length;
  int64_t doc_stride;
};

// The name of a task and of what belongs to it.
struct TaskDescription {
  const char* name;  // "question_answering"
  HeadKind head;
  const char* metric_name;  // "QA Metric"
  const char* main_metric;  // the one of them that tells which weights are the best: "f1"
  bool single_prediction;   // an input has one prediction, unless more are asked for
  int64_t top_k;            // predictions that an input has
  Recipe recipe;
  std::array<std::string_view, 8> options;  // names of those that not every task reads
  const char* help;                         // data formats and an example, for `bertune tasks`
};

class Task {
 public:
  virtual ~Task() = default;

  virtual const TaskDescription& description() const = 0;

  // Reads `path` and makes all windows; `max_examples` 0: all examples. Throws Error{kSystem,
  // kUsage, kInput}.
  virtual TrainingData read_training(const TaskContext& context, const std::filesystem::path& path,
                                     int64_t max_examples) const = 0;

  // The names of the metrics that evaluate will give. Reads options.eval_dataset for it, so that
  // what is wrong with the data is known before a model is trained. Throws as evaluate does.
  virtual std::vector<std::string> list_metrics(const TaskContext& context,
                                                const EvaluateOptions& options) const = 0;

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

std::vector<std::string> names_of(const Metrics& metrics);

// The head of a task on the weights of a model: masked words keep a next-sentence classifier.
HeadKind head_of_task(const TaskDescription& task, const ModelFiles& files);

// Whether a model of this architecture (BertForMaskedLM, ...) was tuned for the task.
bool is_tuned_for(const TaskDescription& task, const std::string& architecture);

// The predictions of an input in parts that are lists of their own: one for each of several [MASK],
// otherwise one, which may be empty.
std::vector<std::span<const Prediction>> split_by_mask(const std::vector<Prediction>& predictions);

// Predict gives one flat list with the best of each input, instead of a list for each.
bool is_flat(const TaskDescription& task, int64_t top_k);

}  // namespace bertune
