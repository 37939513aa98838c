// SPDX-License-Identifier: Apache-2.0
// Decides when a checkpoint is due, and writes it while training continues. The loop waits only for
// a copy in memory; a thread named "checkpoint" writes it to disk. One write runs at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "base/stopwatch.h"
#include "bertune/options.h"
#include "formats/checkpoint/run_folder.h"
#include "formats/checkpoint/snapshot.h"

namespace bertune {

class CheckpointSaver {
 public:
  // Writes a checkpoint to disk and returns its path. Called on the writer's thread.
  using Write = std::function<std::filesystem::path(const TrainingState&, const TrainingSnapshot&)>;
  using Saved = std::function<void(const std::filesystem::path&)>;

  // `snapshot` is the buffer for the copy; the caller owns it. `saved` may be empty; it is called
  // on the caller's thread. `saved_step`: the step that a resumed run has already saved.
  CheckpointSaver(const CheckpointOptions& options, TrainingSnapshot& snapshot, Write write,
                  Saved saved, int64_t saved_step);
  ~CheckpointSaver();  // waits for the writer; its failure is only logged
  CheckpointSaver(const CheckpointSaver&) = delete;
  CheckpointSaver& operator=(const CheckpointSaver&) = delete;

  // Call after every step: whether to save now. Rethrows the writer's failure.
  bool is_due(int64_t step);

  int64_t saved_step() const { return saved_step_; }  // the step of the last save that started

  // Waits for the previous write, copies the state, and starts the next write.
  void save(const TrainingState& state, const Model& model, const Optimizer& optimizer);

  void finish();  // waits; rethrows the writer's failure

 private:
  void run();  // body of the writer's thread
  void collect();

  CheckpointOptions options_;
  TrainingSnapshot& snapshot_;
  Write write_;
  Saved saved_;
  int64_t saved_step_;
  Stopwatch since_save_;
  std::thread writer_;
  std::atomic<bool> done_{false};
  TrainingState state_;  // being written; the writer owns this and the next two until joined
  std::filesystem::path path_;
  std::exception_ptr failure_;
};

}  // namespace bertune
