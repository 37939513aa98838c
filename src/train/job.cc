// SPDX-License-Identifier: Apache-2.0
#include "train/job.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/fingerprint.h"
#include "base/list_options.h"
#include "base/log.h"
#include "batch/window_fingerprint.h"
#include "bertune/error.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/folder.h"
#include "formats/model_files.h"
#include "formats/weights.h"
#include "hub/resolve.h"
#include "model/family.h"
#include "model/heads/heads.h"
#include "model/initialize.h"
#include "tasks/tasks.h"
#include "train/resume.h"

namespace bertune {
namespace {

BertConfig training_config(const TrainOptions& options, const ModelFiles& model) {
  BertConfig config = read_config(model);
  if (options.optimizer.dropout) {
    config.hidden_dropout_prob = config.attention_probs_dropout_prob = *options.optimizer.dropout;
    config.classifier_dropout.reset();
    config.sequence_dropout.reset();
    if (config.qa_dropout > 0.0) config.qa_dropout = *options.optimizer.dropout;
  }
  if (*options.text.max_seq_length > config.max_position_embeddings) {
    throw Error(
        ErrorKind::kUsage,
        fmt::format("{} is {}, but the model has {} positions", option("max_seq_length"),
                    *options.text.max_seq_length, config.max_position_embeddings),
        fmt::format("set {} or less",
                    option("max_seq_length", fmt::format("{}", config.max_position_embeddings))));
  }
  return config;
}

// How a model that is already tuned for this task reads its data; empty for any other model and
// for a new head.
Reading tuned_reading(const TrainOptions& options, const BertConfig& config,
                      const TaskDescription& task) {
  const bool tuned = is_tuned_for(task, config.architecture) && !options.start.new_head;
  return tuned ? reading_of(config, task.head) : Reading{};
}

// Sequence and token classification heads have tensors of the same names. Only the architecture
// tells which of the two a stored head is.
StoredHead stored_head(const TrainOptions& options, const TrainingJob& job) {
  if (options.start.new_head) return StoredHead::kLeave;
  const std::optional<HeadKind> stored = head_of_architecture(job.config.architecture);
  const bool other = stored && *stored != job.head && head_of(*stored).labelled;
  return other ? StoredHead::kLeave : StoredHead::kTake;
}

// What a fingerprint leaves out: runs of earlier versions did not record it for all data.
BertConfig without_word_rules(BertConfig config) {
  config.word_per_character = false;
  config.empty_answers = false;
  return config;
}

}  // namespace

TrainingJob prepare_training(const TrainOptions& options, const FetchSink& fetching) {
  const ModelFiles model = find_model_files(resolve_model(options.model, fetching),
                                            {.weights = !options.start.from_scratch});
  const BertConfig config = training_config(options, model);
  Tokenizer tokenizer = Tokenizer::load(model.folder, options.text.do_lower_case);
  require_vocabulary_size(config, tokenizer.vocabulary().size(), model.folder);
  ChosenEngine chosen =
      make_engine(options.compute, options.report.profile ? Profiling::kSums : Profiling::kOff);

  TrainingJob job{.model = model,
                  .config = config,
                  .tokenizer = std::move(tokenizer),
                  .limits = {.max_seq_length = static_cast<int32_t>(*options.text.max_seq_length),
                             .doc_stride = static_cast<int32_t>(*options.text.doc_stride)},
                  .task = make_task(options.task),
                  .head = HeadKind::kNone,
                  .data = {},
                  .schedule = {},
                  .capacity = {},
                  .chosen = std::move(chosen)};
  const TaskDescription& task = job.task->description();
  job.head = options.start.from_scratch ? task.head : head_of_task(task, model);
  job.data.reading = tuned_reading(options, config, task);
  job.data = job.task->read_training(
      context_of(job, options), {options.train_dataset, options.data, options.max_train_examples});
  keep_reading(job.data.reading, job.config);
  job.schedule = {.windows = static_cast<int64_t>(job.data.windows.windows.size()),
                  .batch_size = *options.optimizer.batch_size,
                  .epochs = *options.optimizer.epochs,
                  .token_budget = options.compute.token_budget,
                  .seed = static_cast<uint64_t>(options.optimizer.seed)};
  job.capacity = largest_part(job.data.windows, job.schedule);
  if (options.validation.eval_steps > 0 || options.validation.eval_epochs > 0) {
    job.capacity = at_least(job.capacity, {.rows = *options.text.max_seq_length, .windows = 1});
  }
  return job;
}

TaskContext context_of(const TrainingJob& job, const TrainOptions& options) {
  return {.tokenizer = job.tokenizer,
          .limits = job.limits,
          .masking = options.masking,
          .reading = job.data.reading};
}

AdamWSettings adamw_settings(const TrainOptions& options, const Schedule& schedule) {
  const OptimizerOptions& given = options.optimizer;
  return {.learning_rate = *given.learning_rate,
          .final_learning_rate = *given.final_learning_rate,
          .warmup_ratio = *given.warmup_ratio,
          .total_steps = schedule.total_steps(),
          .weight_decay = given.weight_decay,
          .max_grad_norm = given.max_grad_norm,
          .beta1 = given.adam_beta1,
          .beta2 = given.adam_beta2,
          .epsilon = given.adam_epsilon,
          .bias_correction = given.bias_correction};
}

FirstWeights first_weights(const TrainOptions& options, const TrainingJob& job,
                           const ParameterList& list) {
  FirstWeights first;
  if (options.start.from_scratch) {
    first.values.resize(static_cast<size_t>(list.size));
    for (const Parameter& parameter : list.parameters) first.fresh.push_back(parameter.name);
  } else {
    HostWeights read = read_weights(job.model, list, stored_head(options, job));
    first.values = std::move(read.values);
    first.fresh = std::move(read.missing_head);
  }
  Fingerprint fingerprint;
  fingerprint.add(config_json(without_word_rules(job.config),
                              architecture_of(job.head, family_of(job.config))));
  fingerprint.add(std::span<const float>(first.values));
  first.fingerprint = fingerprint.text();
  initialize_parameters(list, first.fresh, job.config,
                        static_cast<uint64_t>(options.optimizer.seed), first.values);
  return first;
}

void log_fresh(const FirstWeights& weights, const TrainOptions& options, const TrainingJob& job) {
  if (options.start.from_scratch) {
    log_info("all weights are random (from_scratch)");
  } else if (options.start.new_head) {
    log_info("the head is new (new_head): {} are initialised randomly (seed {})",
             fmt::join(weights.fresh, ", "), options.optimizer.seed);
  } else if (!weights.fresh.empty()) {
    log_info("the weights have no head for {}: {} are initialised randomly (seed {})",
             job.task->description().name, fmt::join(weights.fresh, ", "), options.optimizer.seed);
  }
}

TrainingState first_state(const TrainOptions& options, const TrainingJob& job,
                          const FirstWeights& weights) {
  return {.seed = job.schedule.seed,
          .total_steps = job.schedule.total_steps(),
          .precision = name_of(job.chosen.engine->precision()),
          .device = job.chosen.engine->description(),
          .model = weights.fingerprint,
          .data = fingerprint_of(job.data.windows),
          .windows = job.schedule.windows,
          .options = options_json(options)};
}

std::vector<std::string> example_ids(const TrainingJob& job, std::span<const int32_t> windows) {
  std::vector<std::string> ids;
  for (const int32_t window : windows) {
    const int32_t example = job.data.windows.windows[static_cast<size_t>(window)].example;
    ids.push_back(job.data.ids[static_cast<size_t>(example)]);
  }
  return ids;
}

SettingsTable settings_table(const TrainOptions& options, const TrainingJob& job,
                             const MemoryPlan& memory, const ParameterList& list) {
  int64_t parameters = 0;
  for (const Parameter& parameter : list.parameters) parameters += parameter.size();
  SettingsTable table;
  for (ListedOption& listed : list_options(options)) {
    table.emplace_back(listed.option.name, std::move(listed.value));
  }
  const auto add = [&](const char* name, std::string value) {
    table.emplace_back(name, std::move(value));
  };
  add("device", job.chosen.engine->description());
  add("device chosen", job.chosen.device.reason);
  add("precision chosen", job.chosen.precision.reason);
  add("encoder", fmt::format("{} layers, {} wide, {} heads, {} positions",
                             job.config.num_hidden_layers, job.config.hidden_size,
                             job.config.num_attention_heads, job.config.max_position_embeddings));
  add("dropout (hidden, attention)", fmt::format("{}, {}", job.config.hidden_dropout_prob,
                                                 job.config.attention_probs_dropout_prob));
  add("parameters", fmt::format("{}", parameters));
  const SettingsTable rows = memory_rows(memory);
  table.insert(table.end(), rows.begin(), rows.end());
  add("largest pass", fmt::format("{} tokens", job.capacity.rows));
  add("examples", fmt::format("{}", job.data.ids.size()));
  add("windows", fmt::format("{}", job.schedule.windows));
  add("steps", fmt::format("{} epochs of {} = {}", job.schedule.epochs, job.schedule.epoch_steps(),
                           job.schedule.total_steps()));
  return table;
}

}  // namespace bertune
