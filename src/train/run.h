// SPDX-License-Identifier: Apache-2.0
// A training run: everything that takes part in it, made in order before the first step. The loop
// in loop.cc drives it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "bertune/options.h"
#include "bertune/training.h"
#include "formats/checkpoint/snapshot.h"
#include "model/optimizer.h"
#include "model/task_model.h"
#include "train/job.h"
#include "train/observer.h"
#include "train/progress.h"
#include "train/resume.h"
#include "train/run_log.h"
#include "train/run_state.h"
#include "train/saver.h"
#include "train/step.h"
#include "train/validation.h"

namespace bertune {

class TrainingRun {
 public:
  // Reads model and data, takes memory, and moves other runs' checkpoints aside. Everything stays
  // the caller's. Throws Error before anything is written.
  TrainingRun(const TrainOptions& options, const TrainEvents& events);
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  const Schedule& schedule() const { return job_.schedule; }
  const TrainingState& state() const { return state_.get(); }
  bool is_over() const { return result_.stopped || result_.stopped_early; }

  // Reports, evaluations and checkpoints, in this order.
  Observers observers();

  // Runs the evaluation that the run was stopped in, if any.
  void begin();
  // One update. A step whose numbers are not finite is skipped, or throws Error{kNumerical}.
  StepDone take_step(std::span<const int32_t> windows);
  // Writes what is not saved yet.
  TrainResult finish();

 private:
  void evaluate();
  void evaluate_if_due();
  void save();
  void save_if_due();
  void stop_if_asked();
  CheckpointSaver make_saver();

  const TrainOptions& options_;
  const TrainEvents& events_;
  std::optional<ResumePoint> resumed_;
  TrainingJob job_;
  TaskModel model_;
  Optimizer optimizer_;
  TrainingSnapshot snapshot_;
  RunState state_;
  TrainResult result_;
  CheckpointSaver saver_;
  TrainingStep step_;
  Validation validation_;
  RunLog log_;
  TrainEvents logged_;  // events_, and the log before them
  Progress progress_;
};

}  // namespace bertune
