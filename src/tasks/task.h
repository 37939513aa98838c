// SPDX-License-Identifier: Apache-2.0
// The interface of a task: it turns data into windows, logits into predictions, and predictions
// into metrics. The caller computes the logits. A task is a folder that implements this interface
// and a line in tasks.cc; data formats are in datasets/.
#pragma once

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
#include "bertune/requests.h"
#include "bertune/results.h"
#include "bertune/tasks.h"
#include "bertune/tokenizer.h"
#include "datasets/kept_columns.h"
#include "formats/model_files.h"
#include "model/config.h"
#include "model/params.h"

namespace bertune {

// Takes the logits of one window, in the order of rows. The head decides how many a row has.
using LogitsSink = std::function<void(int32_t window, std::span<const float> logits)>;

// Passes all windows of a set through a model, in order, and passes their logits to the sink.
using Infer = std::function<void(const WindowSet& set, const LogitsSink& sink)>;

// How the inputs and logits of a model are interpreted. Training decides it, config.json keeps it.
struct Reading {
  std::vector<std::string> labels;  // the meaning of the logits, in order
  bool regression = false;          // the logit is a number
  bool multi_label = false;         // each logit is a label that a text has or not
  bool sigmoid_score = false;       // a prediction is the sigmoid of the number
  bool text_pairs = false;          // an input is two texts
  bool word_per_character = false;  // a word is a character, whatever the script
  bool empty_answers = false;       // the data has questions without an answer
  DataColumns columns;              // of the training data, as far as they were given
};
Reading reading_of(const BertConfig& config, HeadKind head);
void keep_reading(const Reading& reading, BertConfig& config);

// What a task needs besides a request.
struct TaskContext {
  const Tokenizer& tokenizer;
  WindowLimits limits;
  MaskingOptions masking;
  Reading reading;  // of the model; for training only if its head is this task's already
};

struct TrainingData {
  WindowSet windows;             // with targets
  std::vector<std::string> ids;  // [examples] for messages about a window
  Reading reading;
};

// The names of a task and of its parts, and its defaults.
struct TaskDescription {
  const char* name;  // "question_answering"
  HeadKind head;
  const char* metric_name;  // "QA Metric"
  const char* main_metric;  // the metric used to pick the best checkpoint: "f1"
  bool single_prediction;   // with top_k 1, an input has exactly one prediction
  int64_t top_k;            // predictions for an input, unless the request has a number
  Recipe recipe;
  const char* help;  // what it does, data formats, metrics, inputs: for `bertune tasks`
  TaskExample example;
};

// The windows of a request's inputs, and the decoding of their logits. The caller computes these,
// in passes that may hold windows of several requests. It refers to the context's tokenizer, but
// not to the request.
class InputWindows {
 public:
  virtual ~InputWindows() = default;

  // They stay where they are until this object is destroyed. None has targets.
  virtual std::span<const WindowSet> sets() const = 0;

  // Takes the logits of a window of one of the sets. Windows may come in any order. Throws
  // Error{kNumerical} for a logit that is not finite.
  virtual void add(const WindowRef& window, std::span<const float> logits) = 0;

  // The best predictions for each input, in order, once every window has been added.
  virtual Predictions finish() = 0;
};

// The data of a training run.
struct TrainingRequest {
  Dataset dataset;
  DataOptions data;
  int64_t max_examples = 0;  // the first ones; 0: all
};

class Task {
 public:
  virtual ~Task() = default;

  virtual const TaskDescription& description() const = 0;

  // Reads the dataset and makes all windows. Throws Error{kSystem, kUsage, kInput}.
  virtual TrainingData read_training(const TaskContext& context,
                                     const TrainingRequest& request) const = 0;

  // The names of the metrics that evaluate() will return, from one pass over request.eval_dataset,
  // so that a fault in the data is found before a model is trained. Throws as evaluate() does.
  virtual std::vector<std::string> list_metrics(const TaskContext& context,
                                                const EvaluateRequest& request) const = 0;

  // Predicts request.eval_dataset, writes the files that the request names, returns the metrics.
  virtual Metrics evaluate(const TaskContext& context, const EvaluateRequest& request,
                           const Infer& infer) const = 0;

  // The metrics of the file request.predictions. It needs no model.
  virtual Metrics score(const ScoreRequest& request) const = 0;

  // Throws Error{kInput} for an input that the task cannot read.
  virtual void check_input(const Input& input) const = 0;

  // Tokenizes the inputs of a request. Throws Error{kUsage, kInput}.
  virtual std::unique_ptr<InputWindows> prepare(const TaskContext& context,
                                                const PredictRequest& request) const = 0;
};

// The number of predictions for an input: the request's, or else the task's default.
int64_t top_k_of(const TaskDescription& task, const PredictRequest& request);

// The predictions for each input, in order: makes the windows, has their logits computed, and
// decodes them.
Predictions predict(const Task& task, const TaskContext& context, const PredictRequest& request,
                    const Infer& infer);

std::vector<std::string> names_of(const Metrics& metrics);

// Metrics from as many names and values.
Metrics with_names(const std::vector<std::string>& names, std::span<const double> values);

// The head of a task on the weights of a model: masked language modelling keeps a next-sentence
// classifier.
HeadKind head_of_task(const TaskDescription& task, const ModelFiles& files);

// Whether a model of this architecture (BertForMaskedLM, ...) was tuned for the task.
bool is_tuned_for(const TaskDescription& task, const std::string& architecture);

}  // namespace bertune
