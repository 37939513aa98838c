// SPDX-License-Identifier: Apache-2.0
// A checkpoint that answers: a model folder loaded into an engine, with the task that it was tuned
// for.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/parallel.h"
#include "bertune/options.h"
#include "bertune/tokenizer.h"
#include "engine/devices.h"
#include "formats/model_files.h"
#include "model/config.h"
#include "model/task_model.h"
#include "predict/passes.h"
#include "tasks/task.h"

namespace bertune {

// What a checkpoint folder says before its weights are read.
struct Checkpoint {
  ModelFiles files;
  BertConfig config;
  Tokenizer tokenizer;
  WindowLimits limits;     // that it was trained with, when bertune trained it
  MaskingOptions masking;  // likewise
  std::unique_ptr<Task> task;
};

// `task` empty: the one that config.json's architecture names. Throws Error{kSystem, kInput}: not
// there, damaged, of another task; {kUsage}: no such task.
Checkpoint open_checkpoint(const std::filesystem::path& folder, const std::string& task = {});

// A checkpoint in an engine's memory. Memory is planned for passes of the token budget; pages of it
// are taken when a pass is that long.
class LoadedModel {
 public:
  // Throws Error{kInput} when the weights have no head for the task.
  LoadedModel(Checkpoint checkpoint, const ComputeOptions& compute);

  const Task& task() const { return *checkpoint_.task; }
  const std::filesystem::path& path() const { return checkpoint_.files.path; }
  TaskContext context() const;

  // Sets compute.threads for the calling thread, because OpenMP keeps that number for each thread
  // of the caller.
  void set_threads() const { bertune::set_threads(static_cast<int>(compute_.threads)); }

  void infer(const WindowSet& set, const LogitsSink& sink);

  // Writes the file of compute.trace, if one is given.
  void write_trace() const { bertune::write_trace(chosen_, compute_); }

 private:
  Checkpoint checkpoint_;
  ComputeOptions compute_;
  ChosenEngine chosen_;
  Capacity capacity_;
  TaskModel model_;
};

}  // namespace bertune
