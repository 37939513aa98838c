// SPDX-License-Identifier: Apache-2.0
// The output folder of a training run: OUTPUT/checkpoint-<step>/, each a model folder with the
// state of training beside it, and OUTPUT/previous-<n>/ with those of earlier runs. A checkpoint
// appears at once or not at all; which one is the last is decided by step, never by time.
// docs/checkpoints.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_lock.h"

namespace bertune {

// training_state.json: what a run needs besides weights and moments to go on from here, and what
// tells whether it would be the same run.
struct TrainingState {
  int64_t step = 0;   // updates done
  int64_t epoch = 0;  // the epoch, from 0, that the next update belongs to
  uint64_t seed = 0;
  int64_t total_steps = 0;
  double loss_sum = 0.0;      // of the steps of the epoch that the last update belongs to
  int64_t loss_steps = 0;     // how many these are
  int64_t skipped_steps = 0;  // of the run, left out for numbers that were not finite
  int64_t best_step = 0;      // of the best evaluation during training; 0: none yet
  double best_value = 0.0;    // of the metric that decides
  int64_t evaluations_since_best = 0;
  bool evaluation_due = false;  // that of the last update: the run was stopped before its end
  std::string precision;        // that the steps were computed in: "fp32" or "bf16"
  std::string device;           // that computed them, with its instruction set and threads
  std::string model;            // fingerprint of the weights and sizes that the run began with
  std::string data;             // fingerprint of the windows
  int64_t windows = 0;
  std::string options = "{}";  // the run's options: the text of a JSON object
};

// Throws Error{kSystem, kInput}: not there, damaged, or of a format that a newer bertune wrote. Of
// format 1, which version 0.1 wrote, step, epoch, seed and options are all there is.
TrainingState read_training_state(const std::filesystem::path& checkpoint);

std::string checkpoint_name(int64_t step);  // "checkpoint-<step>"

// A folder with config.json, model.safetensors and training_state.json. Since checkpoints are
// renamed into place when they are on the disk, only a foreign hand makes an incomplete one.
bool is_complete_checkpoint(const std::filesystem::path& checkpoint);

// The complete checkpoints of the run in `output`, by step, lowest first; and the highest one.
std::vector<std::filesystem::path> list_checkpoints(const std::filesystem::path& output);
std::optional<std::filesystem::path> last_checkpoint(const std::filesystem::path& output);

// The one that evaluations during training found best, as far as the last one knows.
std::optional<std::filesystem::path> best_checkpoint(const std::filesystem::path& output);

// Writes OUTPUT/checkpoint-<state.step>: `fill` writes the model folder, the state is added. One of
// the same step is replaced, when the new one is written. When anything fails, the error goes on
// and everything is as it was. Returns its path.
std::filesystem::path write_checkpoint(
    const std::filesystem::path& output, const TrainingState& state,
    const std::function<void(const std::filesystem::path&)>& fill);

// Removes the oldest complete checkpoints above `keep` (at least 1), never the newest nor that of
// `best_step`, which does not count. A failure is a warning, so that training goes on; returns how
// many there were.
int64_t prune_checkpoints(const std::filesystem::path& output, int64_t keep, int64_t best_step);

// Moves all checkpoints in `output` to a new OUTPUT/previous-<n>/, says so, and returns that path;
// nothing when there are none. Call it when weights that a run starts from are loaded: they may be
// among these. Throws Error{kSystem}.
std::optional<std::filesystem::path> set_aside_previous_run(const std::filesystem::path& output);

// Moves the checkpoints of steps above `step` likewise: a run that goes on from an earlier one will
// come to these steps again.
std::optional<std::filesystem::path> set_aside_later_checkpoints(
    const std::filesystem::path& output, int64_t step);

// The output folder for as long as a run writes into it: made if it is not there, locked against a
// second run, and rid of what writers that were killed left half-done. Throws Error{kSystem}: the
// process that holds it is named. When it ends, a folder that it made and that is still empty goes.
class OpenRunFolder {
 public:
  explicit OpenRunFolder(std::filesystem::path output);
  ~OpenRunFolder();
  OpenRunFolder(const OpenRunFolder&) = delete;
  OpenRunFolder& operator=(const OpenRunFolder&) = delete;

 private:
  std::filesystem::path output_;
  bool made_;
  std::optional<FileLock> lock_;
};

}  // namespace bertune
