// SPDX-License-Identifier: Apache-2.0
// The state of a run, and the only code that modifies a TrainingState. Steps and evaluations are
// recorded here; progress, validation and checkpoints read the state.
#pragma once

#include <cstdint>

#include "formats/checkpoint/run_folder.h"
#include "train/step.h"

namespace bertune {

class RunState {
 public:
  // `state`: where the run starts or resumes.
  RunState(TrainingState state, int64_t epoch_steps)
      : state_(std::move(state)), epoch_steps_(epoch_steps) {}

  const TrainingState& get() const { return state_; }
  double mean_loss() const;  // over the epoch so far

  void begin_epoch();  // from its first step
  void add_step(const StepResult& result);

  // Marks the evaluation of this step as due, until it is added.
  void expect_evaluation() { state_.evaluation_due = true; }
  void drop_evaluation() { state_.evaluation_due = false; }
  void add_evaluation(double value, bool is_best);

 private:
  TrainingState state_;
  int64_t epoch_steps_;
};

// The state of a checkpoint as continued by the run `here`, whose options and number of steps may
// differ.
TrainingState resumed_state(const TrainingState& checkpoint, TrainingState here,
                            int64_t epoch_steps);

}  // namespace bertune
