// SPDX-License-Identifier: Apache-2.0
// Going on from a checkpoint: which one, whether it belongs to the run that the options describe,
// and how the output folder is made ready. docs/reliability.md.
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

// What --resume or --resume-from mean. Nothing: a run that begins, because neither is given or,
// said aloud, because the output folder has no checkpoint yet. Throws Error{kSystem, kInput}.
std::optional<ResumePoint> find_resume_point(const TrainOptions& options);

// The options as training_state.json keeps them: without those that say how a run is taken up
// again, so that the checkpoints of a run are the same however often it was.
std::string options_json(const TrainOptions& options);

// What distinguishes the run `there` from the run `here` and can change its weights, one line each:
// "learning_rate: 3e-05 there, 5e-05 here". Options without effect on weights do not count; of
// model and data the fingerprints do, not the names.
std::vector<std::string> list_differences(const TrainingState& there, const TrainingState& here);

// Throws Error{kUsage} with the differences unless there are none or --resume-anyway is given,
// which says what is overridden. Another machine, or other threads, is said aloud.
void require_same_run(const ResumePoint& point, const TrainingState& here, bool anyway);

// Moves away the checkpoints that this run will not add to: those of an earlier run, or those of
// steps that it will come to again. To be called when all that is read from there is in memory.
void set_aside_other_checkpoints(const TrainOptions& options,
                                 const std::optional<ResumePoint>& point);

}  // namespace bertune
