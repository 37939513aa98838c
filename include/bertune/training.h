// SPDX-License-Identifier: Apache-2.0
// The events and the result of a training run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bertune/evaluating.h"
#include "bertune/fetch.h"
#include "bertune/results.h"

namespace bertune {

// Rows of the start-up table: every setting, and every value derived from the settings.
using SettingsTable = std::vector<std::pair<std::string, std::string>>;

struct StepReport {
  int64_t epoch, epochs;      // from 1
  int64_t step, epoch_steps;  // in the epoch, from 1
  double loss, mean_loss;     // of this step; mean over the epoch so far
  double seconds;             // of this step
  double learning_rate;       // used by this step
  double windows_per_second;  // of the epoch so far
  double tokens_per_second;
  double seconds_left;  // estimate for the whole training

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("epoch", self.epoch);
    visitor("epochs", self.epochs);
    visitor("step", self.step);
    visitor("epoch_steps", self.epoch_steps);
    visitor("loss", self.loss);
    visitor("mean_loss", self.mean_loss);
    visitor("seconds", self.seconds);
    visitor("learning_rate", self.learning_rate);
    visitor("windows_per_second", self.windows_per_second);
    visitor("tokens_per_second", self.tokens_per_second);
    visitor("seconds_left", self.seconds_left);
  }
};

struct EpochReport {
  int64_t epoch, epochs;
  double seconds, mean_step_seconds, mean_loss;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("epoch", self.epoch);
    visitor("epochs", self.epochs);
    visitor("seconds", self.seconds);
    visitor("mean_step_seconds", self.mean_step_seconds);
    visitor("mean_loss", self.mean_loss);
  }
};

// All calls of an op from one place in the model, summed over the layers.
struct ProfileRow {
  std::string op, place;
  int64_t calls = 0;
  double seconds = 0.0;
  double flop = 0.0, bytes = 0.0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("op", self.op);
    visitor("place", self.place);
    visitor("calls", self.calls);
    visitor("seconds", self.seconds);
    visitor("flop", self.flop);
    visitor("bytes", self.bytes);
  }
};

// How the steps' time was spent. Rows are sorted by time, longest first.
struct Profile {
  std::vector<ProfileRow> rows;
  int64_t steps = 0;
  double step_seconds = 0.0;  // of all steps together

  double outside_ops() const;  // seconds in which no op ran
};

// Callbacks of a training run, called on the calling thread. Each may be empty. An exception that
// one throws ends the training and propagates to the caller.
struct TrainEvents {
  FetchSink fetching;  // while a model is fetched from the hub
  std::function<void(const SettingsTable&)> started;
  std::function<void(const StepReport&)> step;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::filesystem::path&)> saved;
  EvaluateSink evaluating;  // during an evaluation
  // Called after the evaluation at step `step` of the run.
  std::function<void(int64_t step, const Evaluation&)> evaluated;
  std::function<void(const Profile&)> profiled;  // with ReportOptions::profile
  // Called after every step and after every window of an evaluation. Returning true ends the
  // training there, with a checkpoint to resume from.
  std::function<bool()> stop;
};

// Reports on standard error: the start-up table, a line every `log_steps` steps (on a terminal a
// single refreshed line with a bar), epochs and checkpoints.
TrainEvents console_events(int64_t log_steps);

struct TrainResult {
  std::filesystem::path checkpoint;  // the last one
  int64_t steps = 0;
  int64_t skipped_steps = 0;   // steps skipped because the loss or a gradient was not finite
  bool stopped = false;        // TrainEvents::stop ended the run before its last step
  bool stopped_early = false;  // early_stopping_patience ended the run
  std::optional<std::filesystem::path> best_checkpoint;  // best evaluation during training
  double final_epoch_loss = 0.0;
  int64_t prune_failures = 0;   // failed attempts to remove an old checkpoint, each logged
  bool log_incomplete = false;  // writing log.jsonl or the TensorBoard files failed, with a warning

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("checkpoint", self.checkpoint);
    visitor("steps", self.steps);
    visitor("skipped_steps", self.skipped_steps);
    visitor("stopped", self.stopped);
    visitor("stopped_early", self.stopped_early);
    visitor("best_checkpoint", self.best_checkpoint);
    visitor("final_epoch_loss", self.final_epoch_loss);
    visitor("prune_failures", self.prune_failures);
    visitor("log_incomplete", self.log_incomplete);
  }
};

}  // namespace bertune
