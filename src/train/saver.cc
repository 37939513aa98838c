// SPDX-License-Identifier: Apache-2.0
#include "train/saver.h"

#include <pthread.h>

#include <utility>

#include "base/log.h"

namespace bertune {
CheckpointSaver::CheckpointSaver(const CheckpointOptions& options, TrainingSnapshot& snapshot,
                                 Write write, Saved saved, int64_t saved_step)
    : options_(options),
      snapshot_(snapshot),
      write_(std::move(write)),
      saved_(std::move(saved)),
      saved_step_(saved_step) {}

CheckpointSaver::~CheckpointSaver() {
  try {
    finish();
  } catch (const std::exception& error) {
    log_warning("{}", error.what());
  }
}

bool CheckpointSaver::is_due(int64_t step) {
  if (done_) collect();
  if (options_.save_steps > 0 && step % options_.save_steps == 0) return true;
  return options_.save_minutes > 0 && since_save_.seconds() >= 60 * options_.save_minutes;
}

void CheckpointSaver::save(const TrainingState& state, const Model& model,
                           const Optimizer& optimizer) {
  finish();
  snapshot_.take(model, optimizer);
  state_ = state;
  saved_step_ = state.step;
  since_save_ = Stopwatch();
  writer_ = std::thread([this] { run(); });
}

void CheckpointSaver::finish() {
  if (writer_.joinable()) collect();
}

void CheckpointSaver::run() {
  ::pthread_setname_np(::pthread_self(), "checkpoint");
  try {
    path_ = write_(state_, snapshot_);
  } catch (...) {
    failure_ = std::current_exception();
  }
  done_ = true;
}

void CheckpointSaver::collect() {
  writer_.join();
  done_ = false;
  if (const std::exception_ptr failure = std::exchange(failure_, nullptr)) {
    std::rethrow_exception(failure);
  }
  if (saved_) saved_(path_);
}

}  // namespace bertune
