// SPDX-License-Identifier: Apache-2.0
#include "train/run.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "base/compute_thread.h"
#include "base/log.h"
#include "base/memory.h"
#include "batch/loader.h"
#include "bertune/error.h"
#include "formats/checkpoint/run_folder.h"
#include "formats/huggingface/folder.h"
#include "model/family.h"
#include "model/heads/heads.h"
#include "train/memory_plan.h"
#include "train/numerical_fault.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

TrainingJob checked_job(const TrainOptions& options, const TrainEvents& events) {
  TrainingJob job = prepare_training(options, events.fetching);
  check_evaluation_data(options, job);
  return job;
}

// The state before the next step, with its numbers in `snapshot`: the initial weights, or those of
// the checkpoint being resumed. They are read before memory is allocated, so that the pages of
// mapped files never add to the peak.
TrainingState prepare_numbers(const TrainOptions& options, const TrainingJob& job,
                              const std::optional<ResumePoint>& resumed, const ParameterList& list,
                              TrainingSnapshot& snapshot) {
  FirstWeights first = first_weights(options, job, list);
  TrainingState state = first_state(options, job, first);
  if (!resumed) {
    log_fresh(first, options, job);
    snapshot.weights = std::move(first.values);
    return state;
  }
  require_same_run(*resumed, state, options.start.resume_anyway);
  first = {};
  snapshot = read_snapshot(resumed->checkpoint, list);
  return resumed_state(resumed->state, std::move(state), job.schedule.epoch_steps());
}

void take_memory(const TrainOptions& options, const TrainingJob& job,
                 const TrainingSnapshot& snapshot, TaskModel& model, const TrainEvents& events) {
  const ParameterList& list = model.model().list();
  const size_t products = reserve_products(*job.chosen.engine, job.config, job.capacity.rows);
  MemoryPlan memory = plan_memory(model.arena(), job.capacity.rows, products, snapshot_bytes(list),
                                  snapshot.bytes());
  if (!options.memory.recompute) {
    memory.recompute_saves = recompute_saves(*job.chosen.engine, job.config, job.capacity.rows);
  }
  if (events.started) events.started(settings_table(options, job, memory, list));
  require_memory(memory, parse_bytes(options.memory.memory_limit), available_bytes());
  on_compute_thread([&] {
    model.arena().commit();
    model.model().load(snapshot.weights);
  });
}

fs::path write_one(const TrainOptions& options, const TrainingJob& job, const ParameterList& list,
                   const TrainingState& state, const TrainingSnapshot& snapshot) {
  require_finite_weights(list, snapshot, state.step);
  return write_checkpoint(options.output_dir, state, [&](const fs::path& folder) {
    write_model_folder(folder, {.config = job.config,
                                .architecture = architecture_of(job.head, family_of(job.config)),
                                .list = list,
                                .values = snapshot.weights,
                                .vocabulary = job.tokenizer.vocabulary(),
                                .normalization = job.tokenizer.normalization()});
    write_moments(folder, list, snapshot);
  });
}

// The error for a failed write: training ends, and the message says which checkpoint remains.
Error stopped_by(const Error& error, const TrainingState& state, const std::string& output_dir) {
  const std::optional<fs::path> last = last_checkpoint(output_dir);
  const std::string left =
      last ? fmt::format("'{}' is intact; {} continues from it", last->string(), option("resume"))
           : std::string("there is no earlier checkpoint");
  const Error stopped = error.at(
      fmt::format("the checkpoint of step {} was not written, and training stops", state.step));
  return stopped.with_hint((error.hint().empty() ? "" : "; ") + left);
}

// Counts failures in `prune_failures`, which only the writer may access until it is joined.
CheckpointSaver::Write checkpoint_writer(const TrainOptions& options, const TrainingJob& job,
                                         const ParameterList& list, int64_t& prune_failures) {
  return [&](const TrainingState& state, const TrainingSnapshot& snapshot) {
    fs::path path;
    try {
      path = write_one(options, job, list, state, snapshot);
    } catch (const Error& error) {
      throw stopped_by(error, state, options.output_dir);
    }
    prune_failures +=
        prune_checkpoints(options.output_dir, options.checkpoints.keep, state.best_step);
    return path;
  };
}

}  // namespace

TrainingRun::TrainingRun(const TrainOptions& options, const TrainEvents& events)
    : options_(options),
      events_(events),
      resumed_(find_resume_point(options)),
      job_(checked_job(options, events)),
      model_(*job_.chosen.engine, job_.config, job_.head, Purpose::kTraining, job_.capacity,
             options.memory.recompute ? Recompute::kOn : Recompute::kOff),
      optimizer_(model_.model(), model_.arena(), adamw_settings(options, job_.schedule)),
      state_(prepare_numbers(options, job_, resumed_, model_.model().list(), snapshot_),
             job_.schedule.epoch_steps()),
      saver_(make_saver()),
      step_(job_.data.windows, job_.schedule, model_, optimizer_),
      validation_(options, job_, model_, state_),
      log_(options.output_dir, state_.get().step),
      logged_(with_log(events, log_)),
      progress_(job_.schedule, logged_, state_) {}

// Allocates memory and prepares the output folder, after everything has been read and before the
// run's log is opened.
CheckpointSaver TrainingRun::make_saver() {
  take_memory(options_, job_, snapshot_, model_, events_);
  if (resumed_) optimizer_.load(snapshot_.moment1, snapshot_.moment2, state().step);
  set_aside_other_checkpoints(options_, resumed_);
  if (resumed_) {
    result_.checkpoint = resumed_->checkpoint;
    // The run may have been interrupted between its last checkpoint and the pruning after it.
    result_.prune_failures =
        prune_checkpoints(options_.output_dir, options_.checkpoints.keep, state().best_step);
  }
  return {options_.checkpoints, snapshot_,
          checkpoint_writer(options_, job_, model_.model().list(), result_.prune_failures),
          [this](const fs::path& path) {
            result_.checkpoint = path;
            if (events_.saved) events_.saved(path);
          },
          resumed_ ? state().step : 0};
}

Observers TrainingRun::observers() {
  return Observers({
      {.epoch_begins =
           [this](int64_t, int64_t first_step) {
             if (first_step == 0) state_.begin_epoch();
           }},
      progress_.observer(),
      {.step_done = [this](const StepDone&) { evaluate_if_due(); }},
      {.step_done = [this](const StepDone&) { save_if_due(); }},
      {.step_done = [this](const StepDone&) { stop_if_asked(); }},
  });
}

void TrainingRun::begin() {
  if (state().evaluation_due) {
    state_.drop_evaluation();
    if (validation_.is_due()) {
      evaluate();
      save();
    }
  }
  result_.stopped_early = validation_.is_over();
}

StepDone TrainingRun::take_step(std::span<const int32_t> windows) {
  const StepResult result = step_.run(windows);
  if (!result.is_finite()) {
    meet_fault(diagnose(model_.model(), optimizer_.step() + 1, result, example_ids(job_, windows)),
               options_, state().skipped_steps, optimizer_);
  }
  state_.add_step(result);
  return {.result = result,
          .step = state().step,
          .windows = static_cast<int64_t>(windows.size()),
          .tokens = count_tokens(job_.data.windows, windows)};
}

void TrainingRun::evaluate() {
  const std::optional<Evaluation> evaluation = validation_.run(logged_);
  result_.stopped = !evaluation;
  if (evaluation) logged_.evaluated(state().step, *evaluation);
}

void TrainingRun::evaluate_if_due() {
  if (validation_.is_due()) evaluate();
  result_.stopped_early = validation_.is_over();
}

void TrainingRun::save() { saver_.save(state(), model_.model(), optimizer_); }

void TrainingRun::save_if_due() {
  if (saver_.is_due(state().step) || validation_.is_best()) save();
}

void TrainingRun::stop_if_asked() {
  if (events_.stop && events_.stop()) result_.stopped = true;
}

TrainResult TrainingRun::finish() {
  if (saver_.saved_step() != state().step) save();
  saver_.finish();
  result_.log_incomplete = !log_.flush();
  if (result_.stopped_early) {
    log_info("{} evaluations in a row did not improve on step {}: training stops early",
             state().evaluations_since_best, state().best_step);
  }
  result_.final_epoch_loss = state_.mean_loss();
  result_.steps = state().step;
  result_.skipped_steps = state().skipped_steps;
  result_.best_checkpoint = best_checkpoint(options_.output_dir);
  if (options_.report.profile && events_.profiled) {
    events_.profiled(job_.chosen.recorder->trace().profile());
  }
  write_trace(job_.chosen, options_.compute);
  log_info("peak memory: {}", format_bytes(static_cast<double>(peak_resident_bytes())));
  return result_;
}

}  // namespace bertune
