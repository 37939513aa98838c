// SPDX-License-Identifier: Apache-2.0
// The output folder of a training run. OUTPUT/checkpoint-<step>/ are model folders with the
// training state added, and OUTPUT/previous-<n>/ holds the checkpoints of earlier runs. A
// checkpoint appears completely or not at all. The last one is determined by its step, never by
// time. See docs/checkpoints.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/file_lock.h"

namespace bertune {

// The content of training_state.json: what a run needs, besides weights and moments, to resume, and
// what is compared to detect that it would not be the same run.
struct TrainingState {
  int64_t step = 0;   // updates done
  int64_t epoch = 0;  // the epoch, from 0, that the next update belongs to
  uint64_t seed = 0;
  int64_t total_steps = 0;
  double loss_sum = 0.0;      // over the steps so far of the epoch of the last update
  int64_t loss_steps = 0;     // number of these steps
  int64_t skipped_steps = 0;  // in the run, skipped because of values that were not finite
  int64_t best_step = 0;      // step of the best evaluation during training; 0: none yet
  double best_value = 0.0;    // of the metric used to pick the best checkpoint
  int64_t evaluations_since_best = 0;
  bool evaluation_due = false;  // the run stopped before the last update's evaluation was done
  std::string precision;        // of the computation: "fp32" or "bf16"
  std::string device;           // that ran the steps, with its instruction set and threads
  std::string model;            // fingerprint of the weights and sizes at the start of the run
  std::string data;             // fingerprint of the windows
  int64_t windows = 0;
  std::string options = "{}";  // the run's options: the text of a JSON object
};

// Throws Error{kSystem, kInput} when the file is missing, damaged, or in a format written by a
// newer bertune. Format 1, written by version 0.1, has only step, epoch, seed and options.
TrainingState read_training_state(const std::filesystem::path& checkpoint);

std::string checkpoint_name(int64_t step);  // "checkpoint-<step>"

// Whether the folder has config.json, model.safetensors and training_state.json. Checkpoints are
// renamed into place once they are on disk, so only an outside change can make one incomplete.
bool is_complete_checkpoint(const std::filesystem::path& checkpoint);

// The complete checkpoints of the run in `output`, sorted by ascending step, and the last of them.
std::vector<std::filesystem::path> list_checkpoints(const std::filesystem::path& output);
std::optional<std::filesystem::path> last_checkpoint(const std::filesystem::path& output);

// The best checkpoint by the evaluations during training, as recorded in the last checkpoint.
std::optional<std::filesystem::path> best_checkpoint(const std::filesystem::path& output);

// Writes OUTPUT/checkpoint-<state.step> and returns its path. `fill` writes the model folder, to
// which the state is added. A checkpoint of the same step is replaced once the new one is written.
// If anything fails, the error is rethrown and the output folder is unchanged.
std::filesystem::path write_checkpoint(
    const std::filesystem::path& output, const TrainingState& state,
    const std::function<void(const std::filesystem::path&)>& fill);

// Removes the oldest complete checkpoints until `keep` (at least 1) are left. The newest one and
// that of `best_step`, which is not counted, are never removed. A failure is logged as a warning so
// that training continues. Returns the number of failures.
int64_t prune_checkpoints(const std::filesystem::path& output, int64_t keep, int64_t best_step);

// Moves all checkpoints in `output` to a new OUTPUT/previous-<n>/, logs it and returns that path,
// or nothing when there are none. Call it after loading the weights a run starts from, because they
// may be among these. Throws Error{kSystem}.
std::optional<std::filesystem::path> set_aside_previous_run(const std::filesystem::path& output);

// Moves the checkpoints of steps above `step` to such a folder, because a run that resumes from an
// earlier step will reach these steps again.
std::optional<std::filesystem::path> set_aside_later_checkpoints(
    const std::filesystem::path& output, int64_t step);

// Holds the output folder while a run writes to it. The constructor creates the folder if needed,
// locks it against a second run, and removes what interrupted writers left unfinished. It throws
// Error{kSystem} that names the process holding the lock. The destructor removes the folder if the
// constructor created it and it is still empty.
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
