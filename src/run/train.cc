// SPDX-License-Identifier: Apache-2.0
#include "run/train.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "base/io.h"
#include "data/loader.h"
#include "model/model_folder.h"
#include "model/optimizer.h"
#include "model/run_folder.h"
#include "run/progress.h"
#include "run/training_job.h"
#include "run/training_step.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

struct OptionsToJson {
  nlohmann::ordered_json& object;

  template <typename T>
  void operator()(const char* name, const T& value, const char*) const {
    object[name] = value;
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& value, const char*) const {
    if (value) object[name] = *value;
  }
};

std::string options_json(const TrainOptions& options) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  TrainOptions::visit(options, OptionsToJson{object});
  return object.dump();
}

// The weights are read before memory is taken, so that the file's pages never add to the peak.
void start(const TrainOptions& options, const TrainingJob& job, TaskModel& model,
           const TrainEvents& events) {
  const std::vector<float> weights = first_weights(options, job, model.model().list());
  const size_t products = reserve_products(*job.chosen.engine, job.config, job.capacity.rows);
  if (events.started) {
    events.started(settings_table(options, job, model.arena(), products, model.model()));
  }
  model.arena().commit();
  model.model().load(weights);
}

fs::path save(const TrainOptions& options, const TrainingJob& job, const Model& model,
              const TrainingState& state) {
  const std::vector<float> values = model.save();
  const fs::path path = write_checkpoint(options.output_dir, state, [&](const fs::path& folder) {
    write_model_folder(folder, {.config = job.config,
                                .architecture = architecture_of(job.task->description().head),
                                .list = model.list(),
                                .values = values,
                                .vocabulary = job.tokenizer.vocabulary(),
                                .normalization = job.tokenizer.normalization()});
  });
  prune_checkpoints(options.output_dir, options.keep);
  return path;
}

}  // namespace

TrainResult train(const TrainOptions& options, const TrainEvents& events) {
  check_options(options);
  const TrainingJob job = prepare_training(options);
  require_writable_folder(options.output_dir);
  remove_partial_checkpoints(options.output_dir);
  const Schedule& schedule = job.schedule;

  TaskModel model(*job.chosen.engine, job.config, job.task->description().head, Purpose::kTraining,
                  job.capacity);
  Optimizer optimizer(model.model(), model.arena(), optimizer_options(options, schedule));
  start(options, job, model, events);
  set_aside_previous_run(options.output_dir);

  TrainResult result;
  const auto save_now = [&] {
    const TrainingState state{.step = optimizer.step(),
                              .epoch = optimizer.step() / schedule.epoch_steps(),
                              .seed = schedule.seed,
                              .options = options_json(options)};
    result.checkpoint = save(options, job, model.model(), state);
    if (events.saved) events.saved(result.checkpoint);
  };
  TrainingStep training_step(job.data.windows, schedule, model, optimizer);
  Progress progress(schedule, events);
  for (int64_t epoch = 0; epoch < schedule.epochs; ++epoch) {
    progress.begin_epoch(epoch);
    const std::vector<int32_t> order = shuffled_order(schedule.windows, schedule.seed, epoch);
    for (int64_t step = 0; step < schedule.epoch_steps(); ++step) {
      progress.begin_step();
      const std::span<const int32_t> windows = batch_of(schedule, order, step);
      const StepResult done = training_step.run(windows);
      progress.end_step(done.loss, done.learning_rate, static_cast<int64_t>(windows.size()),
                        count_tokens(job.data.windows, windows));
      if (options.save_steps > 0 && optimizer.step() % options.save_steps == 0) save_now();
    }
    progress.end_epoch();
    result.final_epoch_loss = progress.mean_loss();
  }
  result.steps = optimizer.step();
  if (options.save_steps == 0 || result.steps % options.save_steps != 0) save_now();

  if (options.profile && events.profiled) events.profiled(job.chosen.trace->trace().profile());

  write_trace(job.chosen, options.compute);
  return result;
}

}  // namespace bertune
