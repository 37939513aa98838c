// SPDX-License-Identifier: Apache-2.0
// A training run: owns all its parts and creates them in order before the first step. The loop in
// loop.cc drives it.
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
  // Reads the model and the data, allocates memory, and moves other runs' checkpoints aside. Keeps
  // references to the arguments. Throws Error before anything is written.
  TrainingRun(const TrainOptions& options, const TrainEvents& events);
  TrainingRun(const TrainingRun&) = delete;
  TrainingRun& operator=(const TrainingRun&) = delete;

  const Schedule& schedule() const { return job_.schedule; }
  const TrainingState& state() const { return state_.get(); }
  bool is_over() const { return result_.stopped || result_.stopped_early; }

  // Reports, evaluations and checkpoints, in this order.
  Observers observers();

  // Runs the evaluation during which the run was stopped, if any.
  void begin();
  // Takes one step. If its loss or gradient is not finite, skips it or throws Error{kNumerical}.
  StepDone take_step(std::span<const int32_t> windows);
  // Writes whatever is not saved yet.
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
  TrainEvents logged_;  // events_, preceded by the log
  Progress progress_;
};

}  // namespace bertune
