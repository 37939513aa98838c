// SPDX-License-Identifier: Apache-2.0
// Everything about a training run that is decided before its first step: model, data, windows,
// batches, engine and memory. Also builds the start-up table. Running the steps is left to run.h.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "batch/window.h"
#include "bertune/options.h"
#include "bertune/tokenizer.h"
#include "bertune/training.h"
#include "engine/devices.h"
#include "formats/checkpoint/run_folder.h"
#include "formats/model_files.h"
#include "model/config.h"
#include "model/optimizer.h"
#include "model/task_model.h"
#include "tasks/task.h"
#include "train/memory_plan.h"
#include "train/schedule.h"

namespace bertune {

struct TrainingJob {
  ModelFiles model;  // to start from
  BertConfig config;
  Tokenizer tokenizer;
  WindowLimits limits;
  std::unique_ptr<Task> task;
  HeadKind head;
  TrainingData data;
  Schedule schedule;
  Capacity capacity;  // of one pass
  ChosenEngine chosen;
};

// Finds or downloads the model, then reads its folder and the data. Throws Error before anything is
// written.
TrainingJob prepare_training(const TrainOptions& options, const FetchSink& fetching);

// What the task needs, besides data, to make windows, decode answers and score them.
TaskContext context_of(const TrainingJob& job, const TrainOptions& options);

AdamWSettings adamw_settings(const TrainOptions& options, const Schedule& schedule);

// The initial weights of a run, laid out by a parameter list.
struct FirstWeights {
  std::vector<float> values;
  std::vector<std::string> fresh;  // randomly initialised parameters: a new head's, or all
  std::string fingerprint;         // of the config and of the weights that were read
};

// The pretrained weights, with a random head if they have none; all random with from_scratch.
FirstWeights first_weights(const TrainOptions& options, const TrainingJob& job,
                           const ParameterList& list);

// Logs which weights are initialised randomly.
void log_fresh(const FirstWeights& weights, const TrainOptions& options, const TrainingJob& job);

// The state before the first step of the run described by `options` and `job`.
TrainingState first_state(const TrainOptions& options, const TrainingJob& job,
                          const FirstWeights& weights);

// The ids of the examples that the windows belong to.
std::vector<std::string> example_ids(const TrainingJob& job, std::span<const int32_t> windows);

// Rows for every setting, the engine and the reason for its precision, memory by group, parameters,
// examples, windows and steps.
SettingsTable settings_table(const TrainOptions& options, const TrainingJob& job,
                             const MemoryPlan& memory, const ParameterList& list);

}  // namespace bertune
