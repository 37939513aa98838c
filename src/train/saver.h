// SPDX-License-Identifier: Apache-2.0
// When a checkpoint is due, and writing it while training continues: the loop waits for a copy in
// memory; a thread named "checkpoint" writes it to disk. One write at a time.
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
  // Puts a checkpoint on the disk and returns its path; called on the thread of the writer.
  using Write = std::function<std::filesystem::path(const TrainingState&, const TrainingSnapshot&)>;
  using Saved = std::function<void(const std::filesystem::path&)>;

  // `snapshot` is what is copied into; it stays the caller's. `saved` may be empty; it is called on
  // the thread of the caller. A run that resumes has saved `saved_step`.
  CheckpointSaver(const CheckpointOptions& options, TrainingSnapshot& snapshot, Write write,
                  Saved saved, int64_t saved_step);
  ~CheckpointSaver();  // waits for the writer; its failure is only logged
  CheckpointSaver(const CheckpointSaver&) = delete;
  CheckpointSaver& operator=(const CheckpointSaver&) = delete;

  // After every step: whether one is to be saved now. Throws what the writer failed with.
  bool is_due(int64_t step);

  int64_t saved_step() const { return saved_step_; }  // of the last save that began

  // Waits for the write before this one, copies, and lets the writer begin.
  void save(const TrainingState& state, const Model& model, const Optimizer& optimizer);

  void finish();  // waits; throws what the writer failed with

 private:
  void run();  // the writer's thread
  void collect();

  CheckpointOptions options_;
  TrainingSnapshot& snapshot_;
  Write write_;
  Saved saved_;
  int64_t saved_step_;
  Stopwatch since_save_;
  std::thread writer_;
  std::atomic<bool> done_{false};
  TrainingState state_;         // being written, as is what follows
  std::filesystem::path path_;  // the writer's until it is joined
  std::exception_ptr failure_;
};

}  // namespace bertune
