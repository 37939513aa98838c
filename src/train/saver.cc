// SPDX-License-Identifier: Apache-2.0
#include "train/saver.h"

#include <fmt/format.h>
#include <pthread.h>

#include <optional>
#include <utility>

#include "base/log.h"
#include "bertune/error.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// What the writer met, as the one who reads it sees it: training is over, and what is left.
Error stopped_by(const Error& error, const TrainingState& state, const std::string& output_dir) {
  const std::optional<fs::path> last = last_checkpoint(output_dir);
  const std::string left =
      last ? fmt::format("'{}' is intact, and --resume goes on from it", last->string())
           : std::string("there is no earlier checkpoint");
  return Error(error.kind(),
               fmt::format("the checkpoint of step {} is not written, and training stops: {}",
                           state.step, error.message()),
               error.hint().empty() ? left : fmt::format("{}; {}", error.hint(), left));
}

}  // namespace

CheckpointSaver::CheckpointSaver(const TrainOptions& options, TrainingSnapshot& snapshot,
                                 Write write, Saved saved)
    : options_(options), snapshot_(snapshot), write_(std::move(write)), saved_(std::move(saved)) {}

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
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      throw stopped_by(error, state_, options_.output_dir);
    }
  }
  if (saved_) saved_(path_);
}

}  // namespace bertune
