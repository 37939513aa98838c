// SPDX-License-Identifier: Apache-2.0
// Evaluation while training goes on: when it is due, the best result so far, and when it has not
// become better for too long. What it knows is part of the state of training, so that a run that
// goes on decides as one that was never stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "bertune/options.h"
#include "bertune/results.h"
#include "bertune/training.h"
#include "formats/checkpoint/run_folder.h"
#include "model/task_model.h"
#include "train/job.h"

namespace bertune {

// Reads the evaluation data, if there are any, so that what is wrong with them, or with the name of
// the metric that decides, is found before the first step. Throws Error.
void check_evaluation_data(const TrainOptions& options, const TrainingJob& job);

class Validation {
 public:
  // Everything stays the caller's; `state` is kept up to date.
  Validation(const TrainOptions& options, const TrainingJob& job, TaskModel& model,
             TrainingState& state);

  bool is_due(int64_t step) const;

  // Metrics of the weights as they are, without dropout; the state then knows whether they are the
  // best. Nothing when events.stop ended it: the state then knows that it is due. Throws
  // Error{kUsage} when they have no metric of the name that decides.
  std::optional<Evaluation> run(int64_t step, const TrainEvents& events);

  // The best result is this step's.
  bool is_best(int64_t step) const { return state_.best_step == step; }

  // No evaluation has been better for as many as early_stopping_patience.
  bool is_over() const;

 private:
  Evaluation evaluate(const TrainEvents& events);
  const std::pair<std::string, double>& metric_that_decides(const Evaluation& evaluation) const;

  const TrainOptions& options_;
  const TrainingJob& job_;
  TaskModel& model_;
  TrainingState& state_;
};

}  // namespace bertune
