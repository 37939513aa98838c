// SPDX-License-Identifier: Apache-2.0
// The library: a Trainer that fine-tunes, evaluates and predicts, a Predictor for programs that
// only answer, and functions around them. The interface uses standard types only. Every call may
// throw bertune::Error, which says what happened and how to fix it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bertune/error.h"
#include "bertune/evaluating.h"
#include "bertune/fetch.h"
#include "bertune/inputs.h"
#include "bertune/models.h"
#include "bertune/options.h"
#include "bertune/requests.h"
#include "bertune/results.h"
#include "bertune/tasks.h"
#include "bertune/tokenizer.h"
#include "bertune/training.h"

namespace bertune {

// Answers inputs with one tuned model. Threads may share it; their passes run one after the other.
class Predictor {
 public:
  // `model`: a folder, a name or a hub id, which is fetched when it is not on this machine. Throws
  // Error: not to be had, damaged, no head for the task.
  explicit Predictor(const std::string& model, const PredictorOptions& options = {},
                     const FetchSink& fetching = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();  // writes the file of compute.trace; a failure is logged

  // The best predictions for each input, in order. The windows of all inputs are packed together.
  // Throws Error{kInput} for an input that the task cannot read, with its number.
  Predictions predict(const PredictRequest& request) const;

  // Metrics of the answers to a dataset, and the files that the request names.
  Evaluation evaluate(const EvaluateRequest& request, const EvaluateSink& evaluating = {}) const;

  const std::string& task() const;             // its name, "question_answering"
  const std::filesystem::path& model() const;  // the path that `model` stood for

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Which weights a call of Trainer uses: false (or nullptr): the model's own, or those just trained;
// true: the last checkpoint of the output folder; a text: a model by name, folder or file.
class Weights {
 public:
  Weights(bool last = false) : last_(last) {}              // NOLINT: meant to convert
  Weights(std::nullptr_t) {}                               // NOLINT
  Weights(std::string from) : from_(std::move(from)) {}    // NOLINT
  Weights(const char* from) : from_(std::string(from)) {}  // NOLINT

  bool last() const { return last_; }
  bool is_given() const { return from_.has_value(); }
  const std::string& from() const { return *from_; }  // only when given

 private:
  bool last_ = false;
  std::optional<std::string> from_;
};

struct TrainArguments {
  // false: train from the model's own weights. true: resume from the last checkpoint. A text with
  // do_finetune: start from these weights with a fresh optimizer; without: resume exactly from that
  // checkpoint.
  Weights resume_or_finetune_from_checkpoint;
  bool do_finetune = false;
  std::optional<TrainEvents> events;  // default: console_events
};

struct EvaluateArguments {
  Weights eval_checkpoint;  // false: as trained by this Trainer, else the model's own
  std::optional<EvaluateSink> evaluating;  // default: console_evaluating
};

struct PredictArguments {
  Weights predict_checkpoint;  // as for evaluate
  std::vector<Input> input_data;
  std::optional<int64_t> top_k;  // nothing: as many as the task usually gives
};

class Trainer {
 public:
  // Throws Error{kUsage} for an option without a sensible value, or one that the task does not
  // read. Nothing is read yet.
  explicit Trainer(TrainOptions options);

  // Fine-tunes on options.train_dataset and writes checkpoints to options.output_dir. What was
  // saved before an error stays.
  TrainResult train(const TrainArguments& arguments = {});

  // Answers options.eval_dataset, logs the metrics and returns them.
  Evaluation evaluate(const EvaluateArguments& arguments = {});

  // As Predictor::predict; logs the result.
  Predictions predict(const PredictArguments& arguments);

  // The Predictor behind evaluate and predict, for many calls with the same weights. It lives until
  // a call uses other weights or trains.
  const Predictor& predictor(const Weights& weights);

  const TrainOptions& options() const { return options_; }

 private:
  TrainOptions options_;
  std::filesystem::path trained_;  // the checkpoint of the last train()
  std::string loaded_;             // what predictor_ was made from
  std::optional<Predictor> predictor_;
};

// Metrics of a file of predictions; no model is needed. Throws Error{kUsage} for a task without
// predictions to score.
Evaluation score(const ScoreRequest& request);

// Writes a model for other programs: request.output, a folder, or a file where its name ends like
// those of the format. It appears at once or not at all. Returns its path. Throws Error; also where
// the path exists and holds more than an export wrote.
std::filesystem::path export_model(const ExportRequest& request, const FetchSink& fetching = {});

// The tokenizer of a model given as a path, a name or a hub id. `do_lower_case` overrides the
// casing that the model folder gives.
Tokenizer load_tokenizer(const std::string& model, std::optional<bool> do_lower_case = {},
                         const FetchSink& fetching = {});

}  // namespace bertune
