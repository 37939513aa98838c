// SPDX-License-Identifier: Apache-2.0
// The training that benchmarks measure: a model and windows chosen by their options, and the same
// steps that `bertune train` would take.
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
  // Allocates all memory. Nothing is recorded until `recorder().set_recording(true)`. Throws
  // Error{kUsage, kInput, kSystem} if task, model and data do not fit.
  BenchTraining(const BenchTrainOptions& options, const BertConfig& config, Profiling profiling);
  BenchTraining(const BenchTraining&) = delete;
  BenchTraining& operator=(const BenchTraining&) = delete;

  // Takes the next step, starting over after the last. Returns its windows.
  std::span<const int32_t> run_step();

  const BertConfig& config() const { return data_.config; }
  const BenchWindows& windows() const { return data_.windows; }
  int64_t batch_size() const { return schedule_.batch_size; }
  const ChosenEngine& chosen() const { return chosen_; }
  Recorder& recorder() { return *chosen_.recorder; }
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
