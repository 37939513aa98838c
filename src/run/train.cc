// SPDX-License-Identifier: Apache-2.0
#include "run/train.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

#include "base/io.h"
#include "base/random.h"
#include "bertune/error.h"
#include "data/batch.h"
#include "data/loader.h"
#include "model/model_folder.h"
#include "model/optimizer.h"
#include "model/run_folder.h"
#include "run/inference.h"
#include "run/progress.h"
#include "run/training_job.h"
#include "tasks/question_answering.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kDropoutStream = 1;  // which of a seed's streams of random numbers dropout takes

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
void start(const TrainOptions& options, const TrainingJob& job, QuestionAnsweringModel& model,
           const TrainEvents& events) {
  const std::vector<float> weights = first_weights(options, job, model.model().list());
  const int64_t widest = std::max(job.config.intermediate_size, 3 * job.config.hidden_size);
  const size_t products = job.chosen.engine->reserve(job.capacity.rows, widest);
  if (events.started) {
    events.started(settings_table(options, job, model.arena(), products, model.model()));
  }
  model.arena().commit();
  model.model().load(weights);
}

// Gradients of the mean loss over `windows`, in as many passes as the token budget asks for.
// Returns that loss.
double accumulate(const TrainingJob& job, QuestionAnsweringModel& model,
                  std::span<const int32_t> windows, uint64_t dropout_key, Batch& batch) {
  const double scale = 0.5 / static_cast<double>(windows.size());  // two losses a window
  double loss = 0.0;
  for (const auto part :
       split_by_budget(job.windows, windows, job.schedule.batch_size, job.schedule.token_budget)) {
    pack(job.windows, part, batch);
    loss += scale * model.accumulate_gradients(batch, scale, dropout_key);
  }
  return loss;
}

void require_finite(double loss, double norm, int64_t step, const std::string& output_dir) {
  if (std::isfinite(loss) && std::isfinite(norm)) return;
  throw Error(
      ErrorKind::kNumerical,
      fmt::format("step {}: the loss is {} and the gradient's norm {}", step, loss, norm),
      fmt::format("lower --learning-rate or set --max-grad-norm; checkpoints of earlier steps "
                  "stay in '{}'",
                  output_dir));
}

fs::path save(const TrainOptions& options, const TrainingJob& job, const Model& model,
              const TrainingState& state) {
  const std::vector<float> values = model.save();
  const fs::path path = write_checkpoint(options.output_dir, state, [&](const fs::path& folder) {
    write_model_folder(folder, {.config = job.config,
                                .architecture = architecture_of(HeadKind::kQuestionAnswering),
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

  QuestionAnsweringModel model(*job.chosen.engine, job.config, Purpose::kTraining, job.capacity);
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
  const uint64_t dropout_seed = fold(schedule.seed, kDropoutStream);
  Progress progress(schedule, events);
  Batch batch;
  for (int64_t epoch = 0; epoch < schedule.epochs; ++epoch) {
    progress.begin_epoch(epoch);
    const std::vector<int32_t> order = shuffled_order(schedule.windows, schedule.seed, epoch);
    for (int64_t step = 0; step < schedule.epoch_steps(); ++step) {
      progress.begin_step();
      const std::span<const int32_t> windows = batch_of(schedule, order, step);
      const double rate = optimizer.learning_rate();
      const uint64_t dropout_key = fold(dropout_seed, static_cast<uint64_t>(optimizer.step()));
      const double loss = accumulate(job, model, windows, dropout_key, batch);
      const double norm = optimizer.gradient_norm();
      require_finite(loss, norm, optimizer.step() + 1, options.output_dir);
      optimizer.update(norm);
      progress.end_step(loss, rate, static_cast<int64_t>(windows.size()),
                        count_tokens(job.windows, windows));
      if (options.save_steps > 0 && optimizer.step() % options.save_steps == 0) save_now();
    }
    progress.end_epoch();
    result.final_epoch_loss = progress.mean_loss();
  }
  result.steps = optimizer.step();
  if (options.save_steps == 0 || result.steps % options.save_steps != 0) save_now();

  if (!options.eval_dataset.empty()) {
    result.metrics = score(job.eval_data, answer_questions(model, job.capacity, job.eval_data,
                                                           job.eval_windows, options.answer));
    if (events.evaluated) events.evaluated(result.metrics);
  }
  return result;
}

}  // namespace bertune
