// SPDX-License-Identifier: Apache-2.0
// What a training run reports while it runs, and its result.
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

// Rows of the start-up table: every setting and everything that was decided from it.
using SettingsTable = std::vector<std::pair<std::string, std::string>>;

struct StepReport {
  int64_t epoch, epochs;      // from 1
  int64_t step, epoch_steps;  // in the epoch, from 1
  double loss, mean_loss;     // of this step, of the epoch so far
  double seconds;             // of this step
  double learning_rate;       // that this step used
  double windows_per_second;  // of the epoch so far
  double tokens_per_second;
  double seconds_left;  // of the whole training

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

// All calls of an op from one place of the model, whatever the layer.
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

// Where the time of the steps went. Rows are sorted, the longest first.
struct Profile {
  std::vector<ProfileRow> rows;
  int64_t steps = 0;
  double step_seconds = 0.0;  // of all steps together

  double outside_ops() const;  // seconds of the steps in which no op ran
};

// Called while training runs, on the calling thread. Any of them may be empty. What they throw ends
// the training and reaches the caller.
struct TrainEvents {
  FetchSink fetching;  // while a model is fetched from the hub
  std::function<void(const SettingsTable&)> started;
  std::function<void(const StepReport&)> step;
  std::function<void(const EpochReport&)> epoch;
  std::function<void(const std::filesystem::path&)> saved;
  EvaluateSink evaluating;  // during an evaluation
  // After the evaluation of step `step` of the run.
  std::function<void(int64_t step, const Evaluation&)> evaluated;
  std::function<void(const Profile&)> profiled;  // with ReportOptions::profile
  // Called after every step, and every window of an evaluation: true ends training there, with a
  // checkpoint to resume from.
  std::function<bool()> stop;
};

// Reports on standard error: the table, a line for every `log_steps` steps (on a terminal one line
// with a bar, refreshed), epochs, checkpoints.
TrainEvents console_events(int64_t log_steps);

struct TrainResult {
  std::filesystem::path checkpoint;  // the last one
  int64_t steps = 0;
  int64_t skipped_steps = 0;   // of these, skipped because of numbers that were not finite
  bool stopped = false;        // TrainEvents::stop ended it before its last step
  bool stopped_early = false;  // early_stopping_patience ended it
  std::optional<std::filesystem::path> best_checkpoint;  // picked by evaluations during training
  double final_epoch_loss = 0.0;
  int64_t prune_failures = 0;   // failed attempts to remove an old checkpoint, each with a warning
  bool log_incomplete = false;  // log.jsonl or TensorBoard's files lack something, with a warning

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
