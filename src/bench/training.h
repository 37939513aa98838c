// SPDX-License-Identifier: Apache-2.0
// Training as benchmarks run it: a model and windows of their options, and the steps that
// `bertune train` would take with them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "bench/data.h"
#include "bench/options.h"
#include "bench/report.h"
#include "engine/devices.h"
#include "train/schedule.h"
#include "train/step.h"

namespace bertune {

class BenchTraining {
 public:
  // Takes all memory. Nothing is timed until `trace().set_recording(true)`. Throws Error{kUsage,
  // kInput, kSystem} for a task, a model or data that do not fit.
  BenchTraining(const BenchTrainOptions& options, const BertConfig& config, Profiling profiling);
  BenchTraining(const BenchTraining&) = delete;
  BenchTraining& operator=(const BenchTraining&) = delete;

  // The next step, from the first again after the last. Returns its windows.
  std::span<const int32_t> run_step();

  const BertConfig& config() const { return data_.config; }
  const BenchWindows& windows() const { return data_.windows; }
  int64_t batch_size() const { return schedule_.batch_size; }
  const ChosenEngine& chosen() const { return chosen_; }
  TraceEngine& trace() { return *chosen_.trace; }
  CeilingProbe make_probe() const;

 private:
  ChosenEngine chosen_;
  BenchData data_;
  Schedule schedule_;
  Capacity capacity_;
  TaskModel model_;
  Optimizer optimizer_;
  TrainingStep step_;
  std::vector<int32_t> order_;
  int64_t next_ = 0;
};

}  // namespace bertune
