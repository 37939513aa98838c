// SPDX-License-Identifier: Apache-2.0
// Resuming from a checkpoint: finds it, checks that it belongs to the run described by the options,
// and prepares the output folder. docs/reliability.md describes the guarantees.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "formats/checkpoint/run_folder.h"

namespace bertune {

struct ResumePoint {
  std::filesystem::path checkpoint;
  TrainingState state;
};

// The checkpoint that resume or resume_from selects. nullopt if neither is set, or, with a log
// line, if the output folder has no checkpoint yet. Throws Error{kSystem, kInput}.
std::optional<ResumePoint> find_resume_point(const TrainOptions& options);

// The options as training_state.json stores them. Options about resuming are omitted, so that a run
// writes the same checkpoints no matter how often it was resumed.
std::string options_json(const TrainOptions& options);

// The differences between the runs `there` and `here` that can change the weights, one per line:
// "learning_rate: 3e-05 there, 5e-05 here". Options without effect on the weights are not compared.
// Model and data are compared by fingerprint, not by name.
std::vector<std::string> list_differences(const TrainingState& there, const TrainingState& here);

// Throws Error{kUsage} with the differences, if there are any, unless `anyway`, which logs them as
// a warning. A different machine or thread count is also logged as a warning.
void require_same_run(const ResumePoint& point, const TrainingState& here, bool anyway);

// Moves aside the checkpoints that this run will not continue: those of an earlier run, and those
// of steps that this run will repeat. Call once everything to be read from them is in memory.
void set_aside_other_checkpoints(const TrainOptions& options,
                                 const std::optional<ResumePoint>& point);

}  // namespace bertune
