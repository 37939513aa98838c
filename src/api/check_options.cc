// SPDX-License-Identifier: Apache-2.0
#include "api/check_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>

#include "base/memory.h"
#include "base/require_option.h"
#include "bertune/error.h"
#include "engine/devices.h"
#include "tasks/tasks.h"

namespace bertune {
namespace {

// Limit for epochs, batch size and tokens, so that their products fit in 64 bits.
constexpr int64_t kMostTimes = 1'000'000'000;

bool is_count(int64_t n) { return n >= 1 && n <= kMostTimes; }
bool is_finite_from_0(double value) { return value >= 0 && std::isfinite(value); }
bool is_finite_above_0(double value) { return value > 0 && std::isfinite(value); }
bool is_share(double value) { return value >= 0 && value <= 1; }
bool is_probability(double value) { return value >= 0.0 && value < 1.0; }

void check(const TextOptions& text) {
  const auto is_length = [](int64_t n) { return n >= 5; };
  const auto is_stride = [](int64_t n) { return n >= 0 && n <= kMostTimes; };
  require_if_given(text.max_seq_length, is_length, "max_seq_length", "at least 5");
  require_if_given(text.doc_stride, is_stride, "doc_stride", "0 to 1000000000");
}

void check(const DataOptions& data) {
  const std::string& units = data.answer_units;
  require_option(units == "auto" || units == "words" || units == "characters", "answer_units",
                 "'" + units + "'", "auto, words or characters");
}

void check(const MaskingOptions& masking) {
  const double share = masking.mask_probability;
  require_option(share > 0.0 && share < 1.0, "mask_probability", share, "above 0 and below 1");
}

void check(const OptimizerOptions& optimizer) {
  require_if_given(optimizer.epochs, is_count, "epochs", "1 to 1000000000");
  require_if_given(optimizer.batch_size, is_count, "batch_size", "1 to 1000000000");
  require_if_given(optimizer.learning_rate, is_finite_above_0, "learning_rate",
                   "above 0 and finite");
  require_if_given(optimizer.final_learning_rate, is_finite_from_0, "final_learning_rate",
                   "at least 0 and finite");
  require_if_given(optimizer.warmup_ratio, is_share, "warmup_ratio", "0 to 1");
  require_option(is_finite_from_0(optimizer.weight_decay), "weight_decay", optimizer.weight_decay,
                 "at least 0 and finite");
  require_option(optimizer.max_grad_norm >= 0, "max_grad_norm", optimizer.max_grad_norm,
                 "at least 0 (0: no clipping)");
  require_option(is_probability(optimizer.adam_beta1), "adam_beta1", optimizer.adam_beta1,
                 "in [0, 1)");
  require_option(is_probability(optimizer.adam_beta2), "adam_beta2", optimizer.adam_beta2,
                 "in [0, 1)");
  require_option(is_finite_above_0(optimizer.adam_epsilon), "adam_epsilon", optimizer.adam_epsilon,
                 "above 0 and finite");
  require_if_given(optimizer.dropout, is_probability, "dropout", "in [0, 1)");
  require_option(optimizer.seed >= 0, "seed", optimizer.seed, "at least 0");
}

void check(const StartOptions& start) {
  if (start.resume && !start.resume_from.empty()) {
    throw Error(ErrorKind::kUsage,
                option("resume") + " and " + option("resume_from") + " are both given",
                option("resume") + " takes the last checkpoint of " + option("output_dir") +
                    "; set only one of them");
  }
  if (start.resume_anyway && !start.resume && start.resume_from.empty()) {
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is given without {} or {}", option("resume_anyway"),
                            option("resume"), option("resume_from")),
                "add the one you need");
  }
}

void check(const CheckpointOptions& checkpoints) {
  require_option(checkpoints.save_steps >= 0, "save_steps", checkpoints.save_steps,
                 "at least 0 (0: only at the end)");
  require_option(checkpoints.save_minutes >= 0, "save_minutes", checkpoints.save_minutes,
                 "at least 0 (0: off)");
  require_option(checkpoints.keep >= 1, "keep", checkpoints.keep, "at least 1");
}

void check(const ValidationOptions& validation, const Dataset& eval_dataset) {
  require_option(validation.eval_steps >= 0, "eval_steps", validation.eval_steps,
                 "at least 0 (0: never)");
  require_option(validation.eval_epochs >= 0 && validation.eval_epochs <= kMostTimes, "eval_epochs",
                 validation.eval_epochs, "0 (never) to 1000000000");
  require_option(validation.early_stopping_patience >= 0, "early_stopping_patience",
                 validation.early_stopping_patience, "at least 0 (0: never)");
  if (validation.eval_steps > 0 || validation.eval_epochs > 0) {
    return require_given(eval_dataset.path, "eval_dataset", "./squad/");
  }
  if (validation.early_stopping_patience == 0 && validation.metric_for_best.empty()) return;
  throw Error(ErrorKind::kUsage,
              fmt::format("{} and {} need evaluations during training",
                          option("early_stopping_patience"), option("metric_for_best")),
              fmt::format("set {} or {}, and {}", option("eval_steps"), option("eval_epochs"),
                          option("eval_dataset")));
}

void check(const AnswerOptions& answer) {
  require_option(answer.n_best >= 1, "n_best", answer.n_best, "at least 1");
  const auto is_number = [](double value) { return !std::isnan(value); };
  require_if_given(answer.null_threshold, is_number, "null_threshold", "a number");
  const auto is_score = [](double value) { return value >= 0.0 && value <= 1.0; };
  require_if_given(answer.threshold, is_score, "threshold", "0 to 1");
  require_option(answer.max_answer_length >= 1, "max_answer_length", answer.max_answer_length,
                 "at least 1");
}

void check(const ReportOptions& report) {
  require_option(report.log_steps >= 1, "log_steps", report.log_steps, "at least 1");
}

void check(const MemoryOptions& memory) {
  const std::string& limit = memory.memory_limit;
  require_option(limit.empty() || parse_bytes(limit).value_or(0) > 0, "memory_limit",
                 "'" + limit + "'", "a size such as 512MiB or 2GiB");
}

}  // namespace

void check_options(const ComputeOptions& compute) {
  choose_device(compute.device);
  parse_precision(compute.precision);
  require_option(compute.threads >= 0 && compute.threads <= 1024, "threads", compute.threads,
                 "0 (all cores) to 1024");
  require_option(compute.token_budget >= 1 && compute.token_budget <= (1 << 24), "token_budget",
                 compute.token_budget, "1 to 16777216");
}

void check_values(const TrainOptions& options) {
  make_task(options.task);
  require_given(options.output_dir, "output_dir", "./output");
  require_option(options.max_train_examples >= 0, "max_train_examples", options.max_train_examples,
                 "at least 0 (0: all)");
  check(options.text);
  check(options.data);
  check(options.masking);
  check(options.optimizer);
  check(options.checkpoints);
  check(options.validation, options.eval_dataset);
  check(options.answer);
  check(options.report);
  check(options.memory);
  check_options(options.compute);
}

void check_options(const TrainOptions& options) {
  check_values(options);
  require_given(options.model, "model", "./bert-base-uncased");
  require_given(options.train_dataset.path, "train_dataset", "./squad/");
  check(options.start);  // a call of train() may itself say that it resumes
}

void check_options(const PredictorOptions& options) {
  if (!options.task.empty()) make_task(options.task);
  check_options(options.compute);
}

void check_options(const EvaluateRequest& request) {
  require_given(request.eval_dataset.path, "eval_dataset", "./squad/");
  check(request.data);
  check(request.answer);
}

void check_options(const ScoreRequest& request) {
  make_task(request.task);
  require_given(request.predictions, "predictions", "./predictions.json");
  require_given(request.eval_dataset, "eval_dataset", "./squad/");
  check(request.data);
}

void check_options(const PredictRequest& request) {
  const auto is_positive = [](int64_t n) { return n >= 1; };
  require_if_given(request.top_k, is_positive, "top_k", "at least 1");
  constexpr std::array kAggregations{"none", "simple", "first", "average", "max"};
  const bool known = std::find(kAggregations.begin(), kAggregations.end(), request.aggregation) !=
                     kAggregations.end();
  require_option(known, "aggregation", "'" + request.aggregation + "'",
                 "none, simple, first, average or max");
  check(request.answer);
}

}  // namespace bertune
