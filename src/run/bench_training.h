// Training as benchmarks run it: a model and windows of their options, and the steps that
// `bertune train` would take with them. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bertune/options.h"
#include "run/bench.h"
#include "run/bench_work.h"
#include "run/schedule.h"
#include "run/setup.h"
#include "run/training_step.h"

namespace bertune {

class BenchTraining {
 public:
  // Takes all memory. Nothing is timed until `trace().set_recording(true)`.
  BenchTraining(const BenchTrainOptions& options, const BertConfig& config, Profiling profiling);
  BenchTraining(const BenchTraining&) = delete;
  BenchTraining& operator=(const BenchTraining&) = delete;

  // The next step, from the first again after the last. Returns its windows.
  std::span<const int32_t> run_step();

  const BertConfig& config() const { return config_; }
  const BenchWindows& windows() const { return windows_; }
  const ChosenEngine& chosen() const { return chosen_; }
  TraceEngine& trace() { return *chosen_.trace; }
  CeilingProbe make_probe() const;

 private:
  BertConfig config_;
  ChosenEngine chosen_;
  BenchWindows windows_;
  Schedule schedule_;
  Capacity capacity_;
  TaskModel model_;
  Optimizer optimizer_;
  TrainingStep step_;
  std::vector<int32_t> order_;
  int64_t next_ = 0;
};

}  // namespace bertune
