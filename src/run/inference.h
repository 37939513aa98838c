// A checkpoint that answers: a model folder loaded into an engine, and its logits for any windows.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "data/window.h"
#include "model/config.h"
#include "model/task_model.h"
#include "run/setup.h"
#include "tasks/question_answering.h"
#include "text/tokenizer.h"

namespace bertune {

// Start and end logits of one window, one for each of its tokens.
using LogitsSink =
    std::function<void(int32_t window, std::span<const float> start, std::span<const float> end)>;

// Enough for passes of as many windows of `set` as the token budget allows.
Capacity inference_capacity(const ComputeOptions& compute, const WindowSet& set);

// Passes every window of `set`, in order, through the model, several in one pass as the capacity
// allows, and hands over its logits. No window may be longer than capacity.rows.
void infer(TaskModel& model, const Capacity& capacity, const WindowSet& set,
           const LogitsSink& sink);

// The checkpoint that --checkpoint and --output-dir mean. Throws Error{kUsage, kSystem}.
std::filesystem::path resolve_checkpoint(const std::string& checkpoint,
                                         const std::string& output_dir);

// What a checkpoint folder says before its weights are read.
struct Checkpoint {
  std::filesystem::path folder;
  BertConfig config;
  Tokenizer tokenizer;
  WindowLimits limits;
};
Checkpoint open_checkpoint(const std::filesystem::path& folder);

// Loads the weights and passes all windows through. The engine and the model live for this call.
void infer(const Checkpoint& checkpoint, const ComputeOptions& compute, const WindowSet& set,
           const LogitsSink& sink);

// The answers to all questions of `data`, by a model in memory to windows that were made before,
// and by a checkpoint.
std::vector<QaPrediction> answer_questions(TaskModel& model, const Capacity& capacity,
                                           const SquadData& data, const WindowSet& windows,
                                           const AnswerOptions& options);
std::vector<QaPrediction> answer_questions(const Checkpoint& checkpoint,
                                           const ComputeOptions& compute, const SquadData& data,
                                           const AnswerOptions& options);

}  // namespace bertune
