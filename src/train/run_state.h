// SPDX-License-Identifier: Apache-2.0
// Where a run stands: the only place that changes its TrainingState. Steps and evaluations are
// added here; progress, validation and checkpoints read it.
#pragma once

#include <cstdint>

#include "formats/checkpoint/run_folder.h"
#include "train/step.h"

namespace bertune {

class RunState {
 public:
  // `state` is where the run begins or resumes.
  RunState(TrainingState state, int64_t epoch_steps)
      : state_(std::move(state)), epoch_steps_(epoch_steps) {}

  const TrainingState& get() const { return state_; }
  double mean_loss() const;  // of the epoch so far

  void begin_epoch();  // from its first step
  void add_step(const StepResult& result);

  // An evaluation of this step is due until it is added.
  void expect_evaluation() { state_.evaluation_due = true; }
  void drop_evaluation() { state_.evaluation_due = false; }
  void add_evaluation(double value, bool is_best);

 private:
  TrainingState state_;
  int64_t epoch_steps_;
};

// The state of a checkpoint, continued by the run `here`, which may have other options and a length
// of its own.
TrainingState resumed_state(const TrainingState& checkpoint, TrainingState here,
                            int64_t epoch_steps);

}  // namespace bertune
