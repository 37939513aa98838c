// bertune train: fine-tunes a model on a task, writes checkpoints, evaluates once at the end. The
// loop stands in train.cc on one screen. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "bertune/options.h"
#include "engine/trace.h"
#include "run/evaluate.h"

namespace bertune {

// Rows of the start-up table: every setting and everything that was decided from it.
using SettingsTable = std::vector<std::pair<std::string, std::string>>;

struct StepReport {
  int64_t epoch, epochs;      // from 1
  int64_t step, epoch_steps;  // in the epoch, from 1
  double loss, mean_loss;     // of this step, of the epoch so far
  double seconds;             // of this step
  double learning_rate;       // that this step used
  double windows_per_second;  // of the epoch so far
  double tokens_per_second;
  double seconds_left;  // of the whole training
};

struct EpochReport {
  int64_t epoch, epochs;
  double seconds, mean_step_seconds, mean_loss;
};

// Called while training runs, on the calling thread. Any of them may be empty.
struct TrainEvents {
  std::function<void(const SettingsTable&)> started;
  std::function<void(const StepReport&)> step;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::filesystem::path&)> saved;
  std::function<void(const Profile&)> profiled;  // with TrainOptions::profile
  std::function<void(const Metrics&)> evaluated;
};

struct TrainResult {
  std::filesystem::path checkpoint;  // the one written at the end
  int64_t steps = 0;
  double final_epoch_loss = 0.0;
  Metrics metrics;  // empty without an evaluation data set
};

// Throws Error; what was saved before stays.
TrainResult train(const TrainOptions& options, const TrainEvents& events = {});

}  // namespace bertune
