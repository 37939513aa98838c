// SPDX-License-Identifier: Apache-2.0
#include "train/loop.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/memory.h"
#include "batch/loader.h"
#include "bertune/error.h"
#include "formats/checkpoint/run_folder.h"
#include "formats/checkpoint/snapshot.h"
#include "formats/huggingface/folder.h"
#include "model/heads/heads.h"
#include "model/optimizer.h"
#include "train/job.h"
#include "train/memory_plan.h"
#include "train/numerical_fault.h"
#include "train/progress.h"
#include "train/resume.h"
#include "train/run_log.h"
#include "train/saver.h"
#include "train/step.h"
#include "train/validation.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// Where the run stands before its next step, with its numbers in `snapshot`: those that it begins
// with, or those of the checkpoint that it goes on from. They are read before memory is taken, so
// that the pages of files never add to the peak.
TrainingState prepare_numbers(const TrainOptions& options, const TrainingJob& job,
                              const std::optional<ResumePoint>& resumed, const ParameterList& list,
                              TrainingSnapshot& snapshot) {
  FirstWeights first = first_weights(options, job, list);
  TrainingState state = first_state(options, job, first);
  if (!resumed) {
    say_fresh(first, options, job);
    snapshot.weights = std::move(first.values);
    return state;
  }
  require_same_run(*resumed, state, options.resume_anyway);
  first = {};
  snapshot = read_snapshot(resumed->checkpoint, list);
  state.step = std::min(resumed->state.step, state.total_steps);
  state.epoch = state.step / job.schedule.epoch_steps();
  state.loss_sum = resumed->state.loss_sum;
  state.loss_steps = resumed->state.loss_steps;
  state.skipped_steps = resumed->state.skipped_steps;
  state.best_step = resumed->state.best_step;
  state.best_value = resumed->state.best_value;
  state.evaluations_since_best = resumed->state.evaluations_since_best;
  state.evaluation_due = resumed->state.evaluation_due;
  return state;
}

void start(const TrainOptions& options, const TrainingJob& job, const TrainingSnapshot& snapshot,
           TaskModel& model, const TrainEvents& events) {
  const ParameterList& list = model.model().list();
  const size_t products = reserve_products(*job.chosen.engine, job.config, job.capacity.rows);
  MemoryPlan memory = plan_memory(model.arena(), job.capacity.rows, products, snapshot_bytes(list),
                                  snapshot.bytes());
  if (!options.recompute) {
    memory.recompute_saves = recompute_saves(*job.chosen.engine, job.config, job.capacity.rows);
  }
  if (events.started) events.started(settings_table(options, job, memory, list));
  require_memory(memory, parse_bytes(options.memory_limit), available_bytes());
  model.arena().commit();
  model.model().load(snapshot.weights);
}

// Counts in `prune_failures`, which is the writer's until it is joined.
CheckpointSaver::Write checkpoint_writer(const TrainOptions& options, const TrainingJob& job,
                                         const ParameterList& list, int64_t& prune_failures) {
  return [&](const TrainingState& state, const TrainingSnapshot& snapshot) {
    require_finite_weights(list, snapshot, state.step);
    const fs::path path = write_checkpoint(options.output_dir, state, [&](const fs::path& folder) {
      write_model_folder(folder, {.config = job.config,
                                  .architecture = architecture_of(job.head),
                                  .list = list,
                                  .values = snapshot.weights,
                                  .vocabulary = job.tokenizer.vocabulary(),
                                  .normalization = job.tokenizer.normalization()});
      write_moments(folder, list, snapshot);
    });
    prune_failures += prune_checkpoints(options.output_dir, options.keep, state.best_step);
    return path;
  };
}

}  // namespace

TrainResult train(const TrainOptions& given, const TrainEvents& events) {
  check_options(given);
  const TrainOptions options = with_recipe(given);
  const OpenRunFolder output(options.output_dir);
  const std::optional<ResumePoint> resumed = find_resume_point(options);
  const TrainingJob job = prepare_training(options, events.fetching);
  check_evaluation_data(options, job);
  const Schedule& schedule = job.schedule;

  TaskModel model(*job.chosen.engine, job.config, job.head, Purpose::kTraining, job.capacity,
                  options.recompute ? Recompute::kOn : Recompute::kOff);
  Optimizer optimizer(model.model(), model.arena(), optimizer_options(options, schedule));
  TrainingSnapshot snapshot;
  TrainingState state = prepare_numbers(options, job, resumed, model.model().list(), snapshot);
  start(options, job, snapshot, model, events);
  if (resumed) optimizer.load(snapshot.moment1, snapshot.moment2, state.step);
  set_aside_other_checkpoints(options, resumed);

  TrainResult result;
  if (resumed) {
    result.checkpoint = resumed->checkpoint;
    // Because the run may have ended after its last checkpoint and before this.
    result.prune_failures = prune_checkpoints(options.output_dir, options.keep, state.best_step);
  }
  CheckpointSaver saver(
      options, snapshot,
      checkpoint_writer(options, job, model.model().list(), result.prune_failures),
      [&](const fs::path& path) {
        result.checkpoint = path;
        if (events.saved) events.saved(path);
      });
  TrainingStep training_step(job.data.windows, schedule, model, optimizer);
  Validation validation(options, job, model, state);
  RunLog log(options.output_dir, state.step);
  const TrainEvents logged = with_log(events, log);
  Progress progress(schedule, logged, state);
  const auto save_now = [&] {
    state.step = optimizer.step();
    state.epoch = state.step / schedule.epoch_steps();
    progress.save(state);
    saver.save(state, model.model(), optimizer);
  };
  const auto evaluate_now = [&] {
    const int64_t step = optimizer.step();
    const std::optional<Evaluation> evaluation = validation.run(step, logged);
    result.stopped = !evaluation;
    if (evaluation) logged.evaluated(step, *evaluation);
  };
  if (std::exchange(state.evaluation_due, false) && validation.is_due(state.step)) {
    evaluate_now();
    save_now();
  }
  result.stopped_early = validation.is_over();
  const auto goes_on = [&] { return !result.stopped && !result.stopped_early; };
  for (int64_t epoch = state.epoch; epoch < schedule.epochs && goes_on(); ++epoch) {
    int64_t step = optimizer.step() - epoch * schedule.epoch_steps();
    progress.begin_epoch(epoch, step);
    const std::vector<int32_t> order = shuffled_order(schedule.windows, schedule.seed, epoch);
    for (; step < schedule.epoch_steps() && goes_on(); ++step) {
      progress.begin_step();
      const std::span<const int32_t> windows = batch_of(schedule, order, step);
      const StepResult done = training_step.run(windows);
      if (!done.is_finite()) {
        meet_fault(diagnose(model.model(), optimizer.step() + 1, done, example_ids(job, windows)),
                   options, progress.skipped_steps(), optimizer);
      }
      progress.end_step(done, static_cast<int64_t>(windows.size()),
                        count_tokens(job.data.windows, windows));
      if (validation.is_due(optimizer.step())) evaluate_now();
      if (saver.is_due(optimizer.step()) || validation.is_best(optimizer.step())) save_now();
      result.stopped_early = validation.is_over();
      if (events.stop && events.stop()) result.stopped = true;
    }
    if (step == schedule.epoch_steps()) progress.end_epoch();
  }
  if (state.step != optimizer.step()) save_now();
  saver.finish();
  result.log_incomplete = !log.flush();
  if (result.stopped_early) {
    log_info("{} evaluations in a row were not better than that of step {}: training ends early",
             state.evaluations_since_best, state.best_step);
  }
  result.final_epoch_loss = progress.mean_loss();
  result.steps = optimizer.step();
  result.skipped_steps = progress.skipped_steps();
  result.best_checkpoint = best_checkpoint(options.output_dir);

  if (options.profile && events.profiled) events.profiled(job.chosen.trace->trace().profile());
  write_trace(job.chosen, options.compute);
  log_info("memory at its peak: {}", format_bytes(static_cast<double>(peak_resident_bytes())));
  return result;
}

}  // namespace bertune
