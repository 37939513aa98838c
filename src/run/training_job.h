// Everything about a training run that is decided before its first step: model, data, windows,
// batches, engine and memory; and the table that tells it all. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "bertune/options.h"
#include "bertune/training.h"
#include "data/window.h"
#include "model/config.h"
#include "model/optimizer.h"
#include "model/task_model.h"
#include "run/schedule.h"
#include "run/setup.h"
#include "tasks/task.h"
#include "text/tokenizer.h"

namespace bertune {

struct TrainingJob {
  BertConfig config;
  Tokenizer tokenizer;
  WindowLimits limits;
  std::unique_ptr<Task> task;
  TrainingData data;
  Schedule schedule;
  Capacity capacity;  // of one pass
  ChosenEngine chosen;
};

// Reads model folder and data. Throws Error before anything is written.
TrainingJob prepare_training(const TrainOptions& options);

OptimizerOptions optimizer_options(const TrainOptions& options, const Schedule& schedule);

// The pretrained weights, a new head where they lack one (said aloud), or random ones on purpose;
// laid out by `list`.
std::vector<float> first_weights(const TrainOptions& options, const TrainingJob& job,
                                 const ParameterList& list);

// Every setting, the engine and why, memory by group, parameters, examples, windows, steps. To be
// called when all data is in memory and the arena is planned, but not committed yet. `products` is
// what the engine reserved for products.
SettingsTable settings_table(const TrainOptions& options, const TrainingJob& job,
                             const Arena& arena, size_t products, const Model& model);

}  // namespace bertune
