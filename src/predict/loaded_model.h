// SPDX-License-Identifier: Apache-2.0
// A model folder loaded into an engine, with the task it was tuned for.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/compute_thread.h"
#include "bertune/options.h"
#include "bertune/tokenizer.h"
#include "engine/devices.h"
#include "formats/model_files.h"
#include "model/config.h"
#include "model/task_model.h"
#include "predict/passes.h"
#include "tasks/task.h"

namespace bertune {

// A checkpoint folder before its weights are read.
struct Checkpoint {
  ModelFiles files;
  BertConfig config;
  Tokenizer tokenizer;
  WindowLimits limits;     // as in training, if bertune trained it
  MaskingOptions masking;  // likewise
  std::unique_ptr<Task> task;
};

// If `task` is empty, uses the task of the architecture in config.json. Throws Error{kSystem,
// kInput} if the folder is missing, damaged or for another task, {kUsage} if the task is unknown.
Checkpoint open_checkpoint(const std::filesystem::path& folder, const std::string& task = {});

// A checkpoint in an engine's memory. Address space is reserved for passes of the token budget;
// pages are committed when a pass first needs them.
class LoadedModel {
 public:
  // Throws Error{kInput} if the weights have no head for the task.
  LoadedModel(Checkpoint checkpoint, const ComputeOptions& compute);

  const Task& task() const { return *checkpoint_.task; }
  const std::filesystem::path& path() const { return checkpoint_.files.path; }
  TaskContext context() const;

  // For the calling thread's work beside the passes.
  WithThreads with_threads() const { return WithThreads(compute_.threads); }

  // Thread-safe.
  void infer(const WindowSet& set, const LogitsSink& sink);

  // Writes the file of compute.trace, if set.
  void write_trace() const { bertune::write_trace(chosen_, compute_); }

 private:
  Checkpoint checkpoint_;
  ComputeOptions compute_;
  ChosenEngine chosen_;
  Capacity capacity_;
  TaskModel model_;
};

}  // namespace bertune
