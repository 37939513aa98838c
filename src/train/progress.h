// SPDX-License-Identifier: Apache-2.0
// Times and means of a training run, reported after every step and epoch.
#pragma once

#include <chrono>
#include <cstdint>

#include "bertune/training.h"
#include "train/observer.h"
#include "train/run_state.h"
#include "train/schedule.h"

namespace bertune {

class Progress {
 public:
  // Keeps references; the caller owns all arguments.
  Progress(const Schedule& schedule, const TrainEvents& events, const RunState& state);

  Observer observer();

 private:
  using Clock = std::chrono::steady_clock;

  void begin_epoch(int64_t epoch, int64_t first_step);
  void report_step(const StepDone& done);
  void report_epoch() const;

  const Schedule& schedule_;
  const TrainEvents& events_;
  const RunState& state_;
  Clock::time_point run_begin_, epoch_begin_, step_begin_;
  int64_t first_step_of_run_;  // the first step taken by this process
  int64_t epoch_ = 0, step_ = 0, first_step_ = 0;
  int64_t windows_ = 0, tokens_ = 0;  // in this epoch, processed by this process
};

}  // namespace bertune
