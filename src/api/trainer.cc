// SPDX-License-Identifier: Apache-2.0
// Implements the public Trainer: each call selects weights by its argument, then uses train() or a
// Predictor.
#include <utility>

#include "api/check_options.h"
#include "api/check_task_options.h"
#include "base/log.h"
#include "bertune/bertune.h"
#include "predict/results_json.h"
#include "tasks/tasks.h"
#include "train/loop.h"
#include "train/recipe.h"

namespace bertune {

Trainer::Trainer(TrainOptions options) : options_(std::move(options)) {
  check_values(options_);
  check_task_options(make_task(options_.task)->description(), options_);
  options_ = with_recipe(std::move(options_));
}

TrainResult Trainer::train(const TrainArguments& arguments) {
  TrainOptions options = options_;
  const Weights& weights = arguments.resume_or_finetune_from_checkpoint;
  if (weights.is_given())
    (arguments.do_finetune ? options.model : options.start.resume_from) = weights.from();
  if (weights.last()) options.start.resume = true;
  check_options(options);
  predictor_.reset();  // frees its memory for training
  TrainResult result = bertune::train(
      options, arguments.events ? *arguments.events : console_events(options.report.log_steps));
  trained_ = result.checkpoint;
  return result;
}

const Predictor& Trainer::predictor(const Weights& weights) {
  std::string from = trained_.empty() ? options_.model : trained_.string();
  if (weights.is_given()) from = weights.from();
  if (from.empty() && !weights.last()) {
    throw Error(ErrorKind::kUsage, "the Trainer has no model and has trained none",
                "set a model, or name a checkpoint in this call");
  }
  if (weights.last()) from = find_checkpoint(options_.output_dir).string();
  if (!predictor_ || loaded_ != from) {
    predictor_.reset();  // so that there is never a second model in memory
    predictor_.emplace(from, PredictorOptions{.task = options_.task, .compute = options_.compute},
                       console_fetching());
    loaded_ = from;
  }
  return *predictor_;
}

Evaluation Trainer::evaluate(const EvaluateArguments& arguments) {
  if (options_.eval_dataset.empty()) {
    throw Error(ErrorKind::kUsage,
                option("eval_dataset") + " is missing: there is no data to evaluate on",
                "set it in the Trainer, for example " + option("eval_dataset", "./squad/"));
  }
  Evaluation evaluation =
      predictor(arguments.eval_checkpoint)
          .evaluate({.eval_dataset = options_.eval_dataset,
                     .data = options_.data,
                     .answer = options_.answer},
                    arguments.evaluating ? *arguments.evaluating : console_evaluating());
  log_info("{}", evaluation_line(evaluation));
  return evaluation;
}

Predictions Trainer::predict(const PredictArguments& arguments) {
  const Predictor& model = predictor(arguments.predict_checkpoint);
  Predictions predictions = model.predict(
      {.inputs = arguments.input_data, .top_k = arguments.top_k, .answer = options_.answer});
  log_info("output result is: {}", predictions_text(predictions, model.is_flat(arguments.top_k)));
  return predictions;
}

}  // namespace bertune
