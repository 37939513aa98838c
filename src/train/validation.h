// SPDX-License-Identifier: Apache-2.0
// Evaluation during training: when it is due, which result is the best, and when to stop early. Its
// state is part of the training state, so a resumed run decides exactly as an uninterrupted one.
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

// Reads the evaluation data, if any, so that an error in it or in metric_for_best is found before
// the first step. Throws Error.
void check_evaluation_data(const TrainOptions& options, const TrainingJob& job);

class Validation {
 public:
  // Keeps references; the caller owns all arguments. Updates `state`.
  Validation(const TrainOptions& options, const TrainingJob& job, TaskModel& model,
             RunState& state);

  bool is_due() const;  // call after each step

  // Evaluates the current weights without dropout and records in the state whether they are the
  // best. Returns nullopt if events.stop ended the evaluation, which then stays due. Throws
  // Error{kUsage} if metric_for_best is not among the metrics.
  std::optional<Evaluation> run(const TrainEvents& events);

  // Whether the last step has the best result.
  bool is_best() const { return state_.get().best_step == state_.get().step; }

  // Whether early_stopping_patience evaluations in a row brought no improvement.
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
