// SPDX-License-Identifier: Apache-2.0
// A checkpoint that answers: a model folder loaded into an engine, and its logits for any windows.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "api/check_options.h"
#include "base/parallel.h"
#include "batch/window.h"
#include "bertune/evaluating.h"
#include "bertune/fetch.h"
#include "bertune/options.h"
#include "formats/model_files.h"
#include "model/config.h"
#include "model/task_model.h"
#include "tasks/task.h"
#include "text/tokenizer.h"

namespace bertune {

// Enough for passes of as many windows of `set` as the token budget allows.
Capacity inference_capacity(const ComputeOptions& compute, const WindowSet& set);

// Passes every window of `set`, in order, through the model, several in one pass as the capacity
// allows, and hands over its logits. No window may be longer than capacity.rows.
void infer(TaskModel& model, const Capacity& capacity, const WindowSet& set,
           const LogitsSink& sink);

// `infer`, which must outlive it, and after every window `sink`, if that is not empty.
Infer with_progress(const Infer& infer, EvaluateSink sink);

// The checkpoint that --checkpoint and --output-dir mean: the last of the run, or what
// resolve_model makes of it. Throws Error.
std::filesystem::path resolve_checkpoint(const std::string& checkpoint,
                                         const std::string& output_dir,
                                         const FetchSink& fetching = {});

// What a checkpoint folder says before its weights are read.
struct Checkpoint {
  ModelFiles files;
  BertConfig config;
  Tokenizer tokenizer;
  WindowLimits limits;  // that it was trained with, when bertune did so
  std::unique_ptr<Task> task;
};

// `task` empty: the one that config.json's architecture names. Throws Error{kSystem, kInput}: not
// there, damaged, of another task; {kUsage}: no such task.
Checkpoint open_checkpoint(const std::filesystem::path& folder, const std::string& task = {});

// A checkpoint in an engine's memory, which is planned for passes of the token budget, and taken
// when a pass is that long.
class LoadedModel {
 public:
  // Throws Error{kInput} when the weights have no head for the task.
  LoadedModel(Checkpoint checkpoint, const ComputeOptions& compute);

  const Task& task() const { return *checkpoint_.task; }

  // As many as its options say, for what the calling thread does from now on: OpenMP keeps that
  // number for each thread of the caller.
  void set_threads() const { bertune::set_threads(static_cast<int>(compute_.threads)); }

  TaskContext context(const AnswerOptions& answer) const {
    return {.tokenizer = checkpoint_.tokenizer,
            .limits = checkpoint_.limits,
            .answer = answer,
            .data = {},
            .reading = reading_of(checkpoint_.config, checkpoint_.task->description().head)};
  }

  void infer(const WindowSet& set, const LogitsSink& sink);
  Infer passes();  // infer, as tasks take it

  // The file of --trace, if that was given.
  void write_trace() const;

 private:
  Checkpoint checkpoint_;
  ComputeOptions compute_;
  ChosenEngine chosen_;
  Capacity capacity_;
  TaskModel model_;
};

// Metrics of a model on options.eval_dataset.
Evaluation evaluate(const LoadedModel& model, const EvaluateOptions& options, const Infer& infer,
                    const EvaluateSink& evaluating);

}  // namespace bertune
