// SPDX-License-Identifier: Apache-2.0
// Times and means of a training run as its reports want them.
#pragma once

#include <chrono>
#include <cstdint>

#include "bertune/training.h"
#include "formats/checkpoint/run_folder.h"
#include "train/schedule.h"
#include "train/step.h"

namespace bertune {

class Progress {
 public:
  // `state` is where the run begins or goes on.
  Progress(const Schedule& schedule, const TrainEvents& events, const TrainingState& state);

  void begin_epoch(int64_t epoch, int64_t first_step);  // from 0
  void begin_step();
  void end_step(const StepResult& result, int64_t windows, int64_t tokens);
  void end_epoch();
  double mean_loss() const;               // of the epoch so far
  void save(TrainingState& state) const;  // what must be known to go on from here
  int64_t skipped_steps() const { return skipped_steps_; }

 private:
  using Clock = std::chrono::steady_clock;

  const Schedule& schedule_;
  const TrainEvents& events_;
  Clock::time_point run_begin_, epoch_begin_, step_begin_;
  int64_t first_step_of_run_;  // of this process
  int64_t epoch_ = 0, step_ = 0, first_step_ = 0;
  int64_t windows_ = 0, tokens_ = 0;  // of the epoch, in this process
  double loss_sum_;                   // of the whole epoch so far
  int64_t loss_steps_;                // steps that it counts: those with a finite loss
  int64_t skipped_steps_;
};

}  // namespace bertune
