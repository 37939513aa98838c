// SPDX-License-Identifier: Apache-2.0
// The library: Trainer fine-tunes, evaluates and predicts. Predictor is for programs that only run
// a tuned model. The free functions score predictions, export models and load tokenizers. The
// interface uses standard types only. Any call may throw bertune::Error, which carries a message
// and a hint.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bertune/dataset.h"
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

// Runs one tuned model. Threads may share a Predictor: each makes its windows and decodes its
// answers itself, and their passes take turns. So do the passes and training steps of all objects
// of a process, on one pool of threads; the calling thread's own settings are never changed.
class Predictor {
 public:
  // `model`: a folder, a name or a hub id. A model that is not on this machine is downloaded, and
  // `fetching` receives the progress. Throws Error if the model cannot be found or downloaded, is
  // damaged, or has no head for the task.
  explicit Predictor(const std::string& model, const PredictorOptions& options = {},
                     const FetchSink& fetching = {});
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;
  ~Predictor();  // writes the file of compute.trace; a failure is logged

  // The best predictions for each input, in input order. The windows of all inputs are packed into
  // shared passes. Throws Error{kInput}, with the input's number, if the task cannot read an input.
  Predictions predict(const PredictRequest& request) const;

  // Evaluates the model on a dataset and writes the files that the request names. Returns the
  // metrics.
  Evaluation evaluate(const EvaluateRequest& request, const EvaluateSink& evaluating = {}) const;

  // Reads inputs for this model from a file, as InputReader does, or from a TSV or CSV file with
  // the columns of the training data.
  InputReader read_inputs(const std::string& file) const;

  // Whether predictions are shown as one flat list with the best prediction of each input, instead
  // of a list per input.
  bool is_flat(std::optional<int64_t> top_k) const;

  const std::string& task() const;             // the task's name, for example "question_answering"
  const std::filesystem::path& model() const;  // the path that `model` resolved to

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The weights that a call of Trainer uses. false or nullptr: those just trained, otherwise the
// model's own. true: the last checkpoint in output_dir. A string: a model by name, folder or file.
class Weights {
 public:
  Weights(bool last = false) : last_(last) {}              // NOLINT: implicit on purpose
  Weights(std::nullptr_t) {}                               // NOLINT
  Weights(std::string from) : from_(std::move(from)) {}    // NOLINT
  Weights(const char* from) : from_(std::string(from)) {}  // NOLINT

  bool last() const { return last_; }
  bool is_given() const { return from_.has_value(); }
  const std::string& from() const { return *from_; }  // only if is_given()

 private:
  bool last_ = false;
  std::optional<std::string> from_;
};

struct TrainArguments {
  // false: train from the model's own weights. true: resume from the last checkpoint. A string with
  // do_finetune: start from these weights with a fresh optimizer. A string without it: resume
  // exactly from that checkpoint.
  Weights resume_or_finetune_from_checkpoint;
  bool do_finetune = false;
  std::optional<TrainEvents> events;  // default: console_events
};

struct EvaluateArguments {
  Weights eval_checkpoint;  // false: the weights this Trainer trained, otherwise the model's own
  std::optional<EvaluateSink> evaluating;  // default: console_evaluating
};

struct PredictArguments {
  Weights predict_checkpoint;  // as for evaluate
  std::vector<Input> input_data;
  std::optional<int64_t> top_k;  // predictions per input; nullopt: the task's default
};

class Trainer {
 public:
  // Throws Error{kUsage} if an option has an invalid value or is not read by the task. No file is
  // read yet.
  explicit Trainer(TrainOptions options);

  // Fine-tunes on options.train_dataset and writes checkpoints to options.output_dir. Checkpoints
  // that were complete before an error are kept.
  TrainResult train(const TrainArguments& arguments = {});

  // Evaluates on options.eval_dataset. Logs the metrics and returns them.
  Evaluation evaluate(const EvaluateArguments& arguments = {});

  // As Predictor::predict; logs the result.
  Predictions predict(const PredictArguments& arguments);

  // The Predictor that evaluate and predict use, for many calls with the same weights. The
  // reference is valid until the next train(), or the next call that uses other weights.
  const Predictor& predictor(const Weights& weights);

  const TrainOptions& options() const { return options_; }

 private:
  TrainOptions options_;
  std::filesystem::path trained_;  // the checkpoint of the last train()
  std::string loaded_;             // the model that predictor_ holds
  std::optional<Predictor> predictor_;
};

// Metrics of a file of predictions. Needs no model. Throws Error{kUsage} for a task whose
// predictions cannot be scored from a file.
Evaluation score(const ScoreRequest& request);

// Writes a model for other programs and returns the path. request.output is a folder, or a single
// weights file if its name has the extension of the format. The output appears complete or not at
// all. Throws Error, also if the path exists and contains anything that an export did not write.
std::filesystem::path export_model(const ExportRequest& request, const FetchSink& fetching = {});

// The tokenizer of a model given as a path, a name or a hub id. `do_lower_case` overrides the
// casing set in the model folder.
Tokenizer load_tokenizer(const std::string& model, std::optional<bool> do_lower_case = {},
                         const FetchSink& fetching = {});

}  // namespace bertune
