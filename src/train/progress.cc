// SPDX-License-Identifier: Apache-2.0
#include "train/progress.h"

namespace bertune {
namespace {

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

Progress::Progress(const Schedule& schedule, const TrainEvents& events, const RunState& state)
    : schedule_(schedule),
      events_(events),
      state_(state),
      run_begin_(Clock::now()),
      first_step_of_run_(state.get().step) {}

Observer Progress::observer() {
  return {
      .epoch_begins = [this](int64_t epoch, int64_t first) { begin_epoch(epoch, first); },
      .step_begins = [this] { step_begin_ = Clock::now(); },
      .step_done = [this](const StepDone& done) { report_step(done); },
      .epoch_done = [this] { report_epoch(); },
  };
}

void Progress::begin_epoch(int64_t epoch, int64_t first_step) {
  epoch_ = epoch;
  step_ = first_step_ = first_step;
  epoch_begin_ = Clock::now();
  windows_ = tokens_ = 0;
}

void Progress::report_step(const StepDone& done) {
  ++step_;
  windows_ += done.windows;
  tokens_ += done.tokens;
  if (!events_.step) return;
  const Clock::time_point now = Clock::now();
  const double epoch_seconds = seconds_between(epoch_begin_, now);
  const auto steps = static_cast<double>(done.step - first_step_of_run_);
  const auto left = static_cast<double>(schedule_.total_steps() - done.step);
  events_.step({.epoch = epoch_ + 1,
                .epochs = schedule_.epochs,
                .step = step_,
                .epoch_steps = schedule_.epoch_steps(),
                .loss = done.result.loss,
                .mean_loss = state_.mean_loss(),
                .seconds = seconds_between(step_begin_, now),
                .learning_rate = done.result.learning_rate,
                .windows_per_second = static_cast<double>(windows_) / epoch_seconds,
                .tokens_per_second = static_cast<double>(tokens_) / epoch_seconds,
                .seconds_left = seconds_between(run_begin_, now) / steps * left});
}

void Progress::report_epoch() const {
  if (!events_.epoch) return;
  const double seconds = seconds_between(epoch_begin_, Clock::now());
  events_.epoch({.epoch = epoch_ + 1,
                 .epochs = schedule_.epochs,
                 .seconds = seconds,
                 .mean_step_seconds = seconds / static_cast<double>(step_ - first_step_),
                 .mean_loss = state_.mean_loss()});
}

}  // namespace bertune
