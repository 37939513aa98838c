// SPDX-License-Identifier: Apache-2.0
// Everything about a training run that is decided before its first step: model, data, windows,
// batches, engine and memory; and the start-up table.
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

// Finds or fetches the model; reads its folder and the data. Throws Error before anything is
// written.
TrainingJob prepare_training(const TrainOptions& options, const FetchSink& fetching);

// What the task needs beside data to read, answer and score.
TaskContext context_of(const TrainingJob& job, const TrainOptions& options);

AdamWSettings adamw_settings(const TrainOptions& options, const Schedule& schedule);

// What a run begins with, laid out by a parameter list.
struct FirstWeights {
  std::vector<float> values;
  std::vector<std::string> fresh;  // parameters that start random: of a new head, or all
  std::string fingerprint;         // of the sizes and of what was read
};

// The pretrained weights, a new head where they lack one, or random ones on purpose.
FirstWeights first_weights(const TrainOptions& options, const TrainingJob& job,
                           const ParameterList& list);

// Logs which weights are initialised randomly.
void log_fresh(const FirstWeights& weights, const TrainOptions& options, const TrainingJob& job);

// The state before the first step of the run that `options` and `job` describe.
TrainingState first_state(const TrainOptions& options, const TrainingJob& job,
                          const FirstWeights& weights);

// The ids of the examples that the windows belong to.
std::vector<std::string> example_ids(const TrainingJob& job, std::span<const int32_t> windows);

// Every setting, the engine and the reason for it, memory by group, parameters, examples, windows,
// steps.
SettingsTable settings_table(const TrainOptions& options, const TrainingJob& job,
                             const MemoryPlan& memory, const ParameterList& list);

}  // namespace bertune
