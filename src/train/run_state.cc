// SPDX-License-Identifier: Apache-2.0
#include "train/run_state.h"

#include <algorithm>

namespace bertune {

double RunState::mean_loss() const {
  return state_.loss_steps > 0 ? state_.loss_sum / static_cast<double>(state_.loss_steps) : 0.0;
}

void RunState::begin_epoch() {
  state_.loss_sum = 0.0;
  state_.loss_steps = 0;
}

void RunState::add_step(const StepResult& result) {
  ++state_.step;
  state_.epoch = state_.step / epoch_steps_;
  if (result.is_finite()) {
    state_.loss_sum += result.loss;
    ++state_.loss_steps;
  } else {
    ++state_.skipped_steps;
  }
}

void RunState::add_evaluation(double value, bool is_best) {
  drop_evaluation();
  if (!is_best) {
    ++state_.evaluations_since_best;
    return;
  }
  state_.best_step = state_.step;
  state_.best_value = value;
  state_.evaluations_since_best = 0;
}

TrainingState resumed_state(const TrainingState& checkpoint, TrainingState here,
                            int64_t epoch_steps) {
  here.step = std::min(checkpoint.step, here.total_steps);
  here.epoch = here.step / epoch_steps;
  here.loss_sum = checkpoint.loss_sum;
  here.loss_steps = checkpoint.loss_steps;
  here.skipped_steps = checkpoint.skipped_steps;
  here.best_step = checkpoint.best_step;
  here.best_value = checkpoint.best_value;
  here.evaluations_since_best = checkpoint.evaluations_since_best;
  here.evaluation_due = checkpoint.evaluation_due;
  return here;
}

}  // namespace bertune
