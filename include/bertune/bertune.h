// SPDX-License-Identifier: Apache-2.0
// The library: a Trainer that fine-tunes, evaluates and predicts, and a Predictor for programs that
// only answer. Nothing but standard types passes through. Every call throws bertune::Error, which
// says what happened and how to mend it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bertune/error.h"
#include "bertune/evaluating.h"
#include "bertune/fetch.h"
#include "bertune/options.h"
#include "bertune/results.h"
#include "bertune/training.h"

namespace bertune {

// Which weights a call takes: false (or nullptr): the model's own, or those just trained; true: the
// last checkpoint of the output folder; a text: a model by name, folder or file.
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
  // false: train from the model's own weights. true: go on from the last checkpoint. A text with
  // do_finetune: start from these weights with a fresh optimizer; without: go on exactly from that
  // checkpoint.
  Weights resume_or_finetune_from_checkpoint;
  bool do_finetune = false;
  std::optional<TrainEvents> events;  // default: console_events
};

struct EvaluateArguments {
  Weights eval_checkpoint;  // false: as trained by this Trainer, else the model's own weights
  std::optional<EvaluateSink> evaluating;  // default: console_evaluating
};

struct PredictArguments {
  Weights predict_checkpoint;  // as for evaluate
  std::vector<Input> input_data;
  std::optional<int64_t> top_k;  // nothing: as many as the task usually gives
};

// Answers inputs with one tuned model. Threads may share it: calls are computed one after the
// other.
class Predictor {
 public:
  // `model`: a folder, a name that `bertune models` lists, or a hub id, which may have to be
  // fetched. Throws Error: not to be had, damaged, no head for the task.
  explicit Predictor(const std::string& model, const PredictorOptions& options = {},
                     const FetchSink& fetching = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();

  // The `top_k` best predictions for each input, in order. Any number of inputs: they are packed
  // together. Throws Error{kInput} for an input that the task cannot read, with its index.
  Predictions predict(const std::vector<Input>& inputs, std::optional<int64_t> top_k = {}) const;

  // Metrics of the answers to a data set; see EvaluateOptions for the files it may write.
  Evaluation evaluate(const EvaluateOptions& options, const EvaluateSink& evaluating = {}) const;

  std::string task() const;  // its name, "question_answering"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

class Trainer {
 public:
  // Throws Error{kUsage} for options that cannot be meant. Nothing is read yet.
  explicit Trainer(TrainOptions options);

  // Fine-tunes on options.train_dataset and writes checkpoints to options.output_dir. What was
  // saved before an error stays.
  TrainResult train(const TrainArguments& arguments = {});

  // Answers options.eval_dataset, logs the metrics and returns them.
  Evaluation evaluate(const EvaluateArguments& arguments = {});

  // As Predictor::predict; logs the result.
  Predictions predict(const PredictArguments& arguments);

  // What evaluate and predict ask, for many calls with the same weights; nothing is logged. It
  // lives until a call takes other weights or trains.
  const Predictor& predictor(const Weights& weights);

  const TrainOptions& options() const { return options_; }

 private:
  TrainOptions options_;
  std::filesystem::path trained_;  // the checkpoint of the last train()
  std::string loaded_;             // what predictor_ was made from
  std::optional<Predictor> predictor_;
};

// Metrics of a checkpoint, or of a file of predictions (options.score), on a data set.
Evaluation evaluate(const EvaluateOptions& options, const FetchSink& fetching = {},
                    const EvaluateSink& evaluating = {});

// Writes a model for other programs: options.output, a folder, or a file where its name ends like
// those of the format. It appears at once or not at all. Returns its path. Throws Error; also where
// something is that no export wrote.
std::filesystem::path export_model(const ExportOptions& options, const FetchSink& fetching = {});

}  // namespace bertune
