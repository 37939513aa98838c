// SPDX-License-Identifier: Apache-2.0
// The log of a run, next to its checkpoints: OUTPUT/log.jsonl with one object per step and per
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
  // For a run that resumes after `done_steps`, keeps the lines up to that step, also if another run
  // wrote the later ones. 0 starts an empty log. Throws Error{kSystem}.
  RunLog(const std::filesystem::path& output, int64_t done_steps);
  ~RunLog();

  void add_step(const StepReport& report);
  void add_evaluation(int64_t step, const Evaluation& evaluation);

  // Returns whether everything has been written so far. A failure to write the log does not end the
  // run; it is logged once.
  bool flush();

 private:
  std::filesystem::path path_;
  std::ofstream lines_;
  EventFile events_;
  std::chrono::steady_clock::time_point flushed_;
  bool failed_ = false;
};

// The caller's events, each preceded by the log. `events` and `log` must outlive the result.
TrainEvents with_log(const TrainEvents& events, RunLog& log);

}  // namespace bertune
