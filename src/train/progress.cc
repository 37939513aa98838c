// SPDX-License-Identifier: Apache-2.0
#include "train/progress.h"

namespace bertune {
namespace {

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

Progress::Progress(const Schedule& schedule, const TrainEvents& events, const TrainingState& state)
    : schedule_(schedule),
      events_(events),
      run_begin_(Clock::now()),
      first_step_of_run_(state.step),
      loss_sum_(state.loss_sum),
      loss_steps_(state.loss_steps),
      skipped_steps_(state.skipped_steps) {}

void Progress::begin_epoch(int64_t epoch, int64_t first_step) {
  epoch_ = epoch;
  step_ = first_step_ = first_step;
  epoch_begin_ = Clock::now();
  windows_ = tokens_ = 0;
  if (first_step > 0) return;
  loss_sum_ = 0.0;
  loss_steps_ = 0;
}

void Progress::begin_step() { step_begin_ = Clock::now(); }

double Progress::mean_loss() const {
  return loss_steps_ > 0 ? loss_sum_ / static_cast<double>(loss_steps_) : 0.0;
}

void Progress::save(TrainingState& state) const {
  state.loss_sum = loss_sum_;
  state.loss_steps = loss_steps_;
  state.skipped_steps = skipped_steps_;
}

void Progress::end_step(const StepResult& result, int64_t windows, int64_t tokens) {
  ++step_;
  windows_ += windows;
  tokens_ += tokens;
  if (result.is_finite()) {
    loss_sum_ += result.loss;
    ++loss_steps_;
  } else {
    ++skipped_steps_;
  }
  if (!events_.step) return;
  const Clock::time_point now = Clock::now();
  const double epoch_seconds = seconds_between(epoch_begin_, now);
  const int64_t step = epoch_ * schedule_.epoch_steps() + step_;
  const auto done = static_cast<double>(step - first_step_of_run_);
  const auto left = static_cast<double>(schedule_.total_steps() - step);
  events_.step({.epoch = epoch_ + 1,
                .epochs = schedule_.epochs,
                .step = step_,
                .epoch_steps = schedule_.epoch_steps(),
                .loss = result.loss,
                .mean_loss = mean_loss(),
                .seconds = seconds_between(step_begin_, now),
                .learning_rate = result.learning_rate,
                .windows_per_second = static_cast<double>(windows_) / epoch_seconds,
                .tokens_per_second = static_cast<double>(tokens_) / epoch_seconds,
                .seconds_left = seconds_between(run_begin_, now) / done * left});
}

void Progress::end_epoch() {
  if (!events_.epoch) return;
  const double seconds = seconds_between(epoch_begin_, Clock::now());
  events_.epoch({.epoch = epoch_ + 1,
                 .epochs = schedule_.epochs,
                 .seconds = seconds,
                 .mean_step_seconds = seconds / static_cast<double>(step_ - first_step_),
                 .mean_loss = mean_loss()});
}

}  // namespace bertune
