// SPDX-License-Identifier: Apache-2.0
// The record of a run beside its checkpoints: OUTPUT/log.jsonl, an object for each step and each
// evaluation, and the same numbers for TensorBoard in OUTPUT/tensorboard/.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "bertune/results.h"
#include "bertune/training.h"
#include "train/tensorboard_file.h"

namespace bertune {

class RunLog {
 public:
  // A run that goes on after `done_steps` keeps the lines up to there, whoever wrote later ones; 0
  // begins anew. Throws Error{kSystem}.
  RunLog(const std::filesystem::path& output, int64_t done_steps);
  ~RunLog();

  void add_step(const StepReport& report);
  void add_evaluation(int64_t step, const Evaluation& evaluation);

  // Whether all of it is written so far. A log that cannot be written is no reason to lose a run:
  // it is said once.
  bool flush();

 private:
  std::filesystem::path path_;
  std::ofstream lines_;
  EventFile events_;
  std::chrono::steady_clock::time_point flushed_;
  bool failed_ = false;
};

// The events of a caller, which the log hears first. Both must outlive it.
TrainEvents with_log(const TrainEvents& events, RunLog& log);

}  // namespace bertune
