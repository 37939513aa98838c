// SPDX-License-Identifier: Apache-2.0
// Evaluation during training: when it is due, which result is the best, and when there was no
// improvement for too long. What it knows is part of the state of training, so that a resumed run
// decides as one that was never stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "bertune/options.h"
#include "bertune/results.h"
#include "bertune/training.h"
#include "model/task_model.h"
#include "train/job.h"
#include "train/run_state.h"

namespace bertune {

// Reads the evaluation data, if there are any, so that a fault in them, or in the name of the
// deciding metric, is found before the first step. Throws Error.
void check_evaluation_data(const TrainOptions& options, const TrainingJob& job);

class Validation {
 public:
  // Everything stays the caller's; `state` is kept up to date.
  Validation(const TrainOptions& options, const TrainingJob& job, TaskModel& model,
             RunState& state);

  bool is_due() const;  // after the last step

  // Metrics of the weights as they are, without dropout; the state then knows whether they are the
  // best. Nothing when events.stop ended it: the evaluation then stays due. Throws Error{kUsage}
  // when the deciding metric is not among them.
  std::optional<Evaluation> run(const TrainEvents& events);

  // The best result is that of the last step.
  bool is_best() const { return state_.get().best_step == state_.get().step; }

  // early_stopping_patience evaluations in a row brought no improvement.
  bool is_over() const;

 private:
  Evaluation evaluate(const TrainEvents& events);
  const std::pair<std::string, double>& deciding_metric(const Evaluation& evaluation) const;

  const TrainOptions& options_;
  const TrainingJob& job_;
  TaskModel& model_;
  RunState& state_;
};

}  // namespace bertune
