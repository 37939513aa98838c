// SPDX-License-Identifier: Apache-2.0
#include "run/progress.h"

namespace bertune {
namespace {

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

}  // namespace

Progress::Progress(const Schedule& schedule, const TrainEvents& events)
    : schedule_(schedule), events_(events), run_begin_(Clock::now()) {}

void Progress::begin_epoch(int64_t epoch) {
  epoch_ = epoch;
  epoch_begin_ = Clock::now();
  step_ = windows_ = tokens_ = 0;
  loss_sum_ = 0.0;
}

void Progress::begin_step() { step_begin_ = Clock::now(); }

void Progress::end_step(double loss, double learning_rate, int64_t windows, int64_t tokens) {
  ++step_;
  windows_ += windows;
  tokens_ += tokens;
  loss_sum_ += loss;
  if (!events_.step) return;
  const Clock::time_point now = Clock::now();
  const double epoch_seconds = seconds_between(epoch_begin_, now);
  const auto done = static_cast<double>(epoch_ * schedule_.epoch_steps() + step_);
  const double left = static_cast<double>(schedule_.total_steps()) - done;
  events_.step({.epoch = epoch_ + 1,
                .epochs = schedule_.epochs,
                .step = step_,
                .epoch_steps = schedule_.epoch_steps(),
                .loss = loss,
                .mean_loss = mean_loss(),
                .seconds = seconds_between(step_begin_, now),
                .learning_rate = learning_rate,
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
                 .mean_step_seconds = seconds / static_cast<double>(step_),
                 .mean_loss = mean_loss()});
}

}  // namespace bertune
