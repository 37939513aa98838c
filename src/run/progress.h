// Times and means of a training run as its reports want them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>

#include "bertune/training.h"
#include "run/schedule.h"

namespace bertune {

class Progress {
 public:
  Progress(const Schedule& schedule, const TrainEvents& events);

  void begin_epoch(int64_t epoch);  // from 0
  void begin_step();
  void end_step(double loss, double learning_rate, int64_t windows, int64_t tokens);
  void end_epoch();
  double mean_loss() const {
    return loss_sum_ / static_cast<double>(step_);
  }  // of the epoch so far

 private:
  using Clock = std::chrono::steady_clock;

  const Schedule& schedule_;
  const TrainEvents& events_;
  Clock::time_point run_begin_, epoch_begin_, step_begin_;
  int64_t epoch_ = 0, step_ = 0;
  int64_t windows_ = 0, tokens_ = 0;  // of the epoch so far
  double loss_sum_ = 0.0;
};

}  // namespace bertune
