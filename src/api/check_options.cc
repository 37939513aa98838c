// SPDX-License-Identifier: Apache-2.0
#include "api/check_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "base/io.h"
#include "base/log.h"
#include "base/memory.h"
#include "base/parallel.h"
#include "bertune/error.h"
#include "tasks/task.h"

namespace bertune {
namespace {

// Some 25 MB of a trace's file, 250 steps of BERT-base.
constexpr size_t kMaxTraceEvents = 100'000;

// Of epochs, windows of a batch, tokens: their products are counted in 64 bits.
constexpr int64_t kMostTimes = 1'000'000'000;

template <typename T>
void require(bool holds, const char* flag, const T& value, const char* allowed) {
  if (holds) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is {}", flag, value),
              fmt::format("{} must be {}", flag, allowed));
}

template <typename T, typename Holds>
void require_if_given(const std::optional<T>& value, const Holds& holds, const char* flag,
                      const char* allowed) {
  if (value) require(holds(*value), flag, *value, allowed);
}

void require_given(const std::string& value, const char* flag, const char* example) {
  if (!value.empty()) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is missing", flag),
              fmt::format("give it, for example {} {}", flag, example));
}

Precision parse_precision(const std::string& name) {
  if (name == "auto") return Precision::kAuto;
  if (name == "fp32") return Precision::kFp32;
  require(name == "bf16", "--precision", "'" + name + "'", "auto, fp32 or bf16");
  return Precision::kBf16;
}

void check_threads(int64_t threads) {
  require(threads >= 0 && threads <= 1024, "--threads", threads, "0 (all cores) to 1024");
}

void check(const ComputeOptions& options) {
  parse_precision(options.precision);
  check_threads(options.threads);
  require(options.token_budget >= 1 && options.token_budget <= (1 << 24), "--token-budget",
          options.token_budget, "1 to 16777216");
}

void check(const AnswerOptions& options) {
  require(options.n_best >= 1, "--n-best", options.n_best, "at least 1");
  require(!std::isnan(options.null_threshold), "--null-threshold", options.null_threshold,
          "a number");
  require(options.max_answer_length >= 1, "--max-answer-length", options.max_answer_length,
          "at least 1");
}

void check(const TextOptions& options) {
  require_if_given(
      options.max_seq_length, [](int64_t n) { return n >= 5; }, "--max-seq-length", "at least 5");
  require_if_given(
      options.doc_stride, [](int64_t n) { return n >= 0 && n <= kMostTimes; }, "--doc-stride",
      "0 to 1000000000");
}

bool is_count(int64_t n) { return n >= 1 && n <= kMostTimes; }

void check_batch_size(const std::optional<int64_t>& size) {
  require_if_given(size, is_count, "--batch-size", "1 to 1000000000");
}

bool is_finite_from_0(double value) { return value >= 0 && std::isfinite(value); }

// Of options that the recipe of a task fills in.
void check_recipe(const TrainOptions& options) {
  require_if_given(options.epochs, is_count, "--epochs", "1 to 1000000000");
  check_batch_size(options.batch_size);
  require_if_given(
      options.learning_rate, [](double rate) { return rate > 0 && std::isfinite(rate); },
      "--learning-rate", "above 0 and finite");
  require_if_given(options.final_learning_rate, is_finite_from_0, "--final-learning-rate",
                   "at least 0 and finite");
  require_if_given(
      options.warmup_ratio, [](double part) { return part >= 0 && part <= 1; }, "--warmup-ratio",
      "0 to 1");
}

void check_task(const std::string& name) {
  if (!name.empty()) make_task(name);
}

void check_resume(const TrainOptions& options) {
  if (options.resume && !options.resume_from.empty()) {
    throw Error(ErrorKind::kUsage, "--resume and --resume-from are both given",
                "--resume takes the last checkpoint of --output-dir; give one of the two");
  }
  if (options.resume_anyway && !options.resume && options.resume_from.empty()) {
    throw Error(ErrorKind::kUsage, "--resume-anyway is given without --resume or --resume-from",
                "add the one that you mean");
  }
}

void check_validation(const TrainOptions& options) {
  require(options.eval_steps >= 0, "--eval-steps", options.eval_steps, "at least 0 (0: never)");
  require(options.eval_epochs >= 0 && options.eval_epochs <= kMostTimes, "--eval-epochs",
          options.eval_epochs, "0 (never) to 1000000000");
  require(options.early_stopping_patience >= 0, "--early-stopping-patience",
          options.early_stopping_patience, "at least 0 (0: never)");
  const bool evaluates = options.eval_steps > 0 || options.eval_epochs > 0;
  if (evaluates) require_given(options.eval_dataset, "--eval-dataset", "./squad/");
  if (evaluates || (options.early_stopping_patience == 0 && options.metric_for_best.empty()))
    return;
  throw Error(ErrorKind::kUsage,
              "--early-stopping-patience and --metric-for-best need evaluations during training",
              "give --eval-steps or --eval-epochs, and --eval-dataset");
}

bool is_probability(double value) { return value >= 0.0 && value < 1.0; }

}  // namespace

void check_options(const TrainOptions& options) {
  check_values(options);
  require_given(options.model, "--model", "./bert-base-uncased");
  require_given(options.train_dataset, "--train-dataset", "./squad/");
  check_resume(options);
}

void check_values(const TrainOptions& options) {
  make_task(options.task);
  require_given(options.output_dir, "--output-dir", "./output");
  check_recipe(options);
  require(is_finite_from_0(options.weight_decay), "--weight-decay", options.weight_decay,
          "at least 0 and finite");
  require(options.max_grad_norm >= 0, "--max-grad-norm", options.max_grad_norm,
          "at least 0 (0: no clipping)");
  require(is_probability(options.adam_beta1), "--adam-beta1", options.adam_beta1, "in [0, 1)");
  require(is_probability(options.adam_beta2), "--adam-beta2", options.adam_beta2, "in [0, 1)");
  require(options.adam_epsilon > 0 && std::isfinite(options.adam_epsilon), "--adam-epsilon",
          options.adam_epsilon, "above 0 and finite");
  require(is_probability(options.dropout.value_or(0.0)), "--dropout", options.dropout.value_or(0.0),
          "in [0, 1)");
  require(options.seed >= 0, "--seed", options.seed, "at least 0");
  require(options.max_train_examples >= 0, "--max-train-examples", options.max_train_examples,
          "at least 0 (0: all)");
  require(options.log_steps >= 1, "--log-steps", options.log_steps, "at least 1");
  require(options.save_steps >= 0, "--save-steps", options.save_steps,
          "at least 0 (0: only at the end)");
  require(options.save_minutes >= 0, "--save-minutes", options.save_minutes,
          "at least 0 (0: no such rule)");
  require(options.keep >= 1, "--keep", options.keep, "at least 1");
  check_validation(options);
  require(options.memory_limit.empty() || parse_bytes(options.memory_limit).value_or(0) > 0,
          "--memory-limit", "'" + options.memory_limit + "'", "a size such as 512MiB or 2GiB");
  check(options.text);
  check(options.answer);
  check(options.compute);
}

void check_options(const EvaluateOptions& options) {
  check_task(options.task);
  require_given(options.eval_dataset, "--eval-dataset", "./squad/");
  if (!options.score.empty() && !(options.predictions.empty() && options.nbest.empty())) {
    throw Error(ErrorKind::kUsage, "--score is given with a file to write predictions to",
                "no model predicts: leave --predictions and --nbest out, or --score");
  }
  check(options.answer);
  check(options.compute);
}

void check_options(const PredictOptions& options) {
  check_options(options.predictor);
  check_top_k(options.top_k);
  if (!options.text_pair.empty() && options.input.empty()) {
    throw Error(ErrorKind::kUsage, "--text-pair is given without --input",
                "give the first text with --input");
  }
  const bool pair = !options.context.empty() || !options.question.empty();
  const int forms = !options.input.empty() + pair + !options.file.empty();
  if (forms != 1 || (pair && (options.context.empty() || options.question.empty()))) {
    throw Error(
        ErrorKind::kUsage, "predict needs one input",
        "give --input TEXT (\"context - question\" for question answering), or --context and "
        "--question, or --file");
  }
}

void check_options(const PredictorOptions& options) {
  check_task(options.task);
  check(options.answer);
  check(options.compute);
}

void check_top_k(const std::optional<int64_t>& top_k) {
  require_if_given(
      top_k, [](int64_t n) { return n >= 1; }, "--top-k", "at least 1");
}

TrainOptions with_recipe(TrainOptions options) {
  const Recipe recipe = make_task(options.task)->description().recipe;
  const auto fill = [](auto& option, auto value) {
    if (!option) option = value;
  };
  fill(options.epochs, recipe.epochs);
  fill(options.batch_size, recipe.batch_size);
  fill(options.learning_rate, recipe.learning_rate);
  fill(options.final_learning_rate, recipe.final_learning_rate);
  fill(options.warmup_ratio, recipe.warmup_ratio);
  fill(options.text.max_seq_length, recipe.max_seq_length);
  fill(options.text.doc_stride, recipe.doc_stride);
  return options;
}

void check_options(const BenchTrainOptions& options) {
  require(options.steps >= 1, "--steps", options.steps, "at least 1");
  check_batch_size(options.batch_size);
  require(is_probability(options.dropout), "--dropout", options.dropout, "in [0, 1)");
  require(options.seed >= 0, "--seed", options.seed, "at least 0");
  check(options.compute);
}

void check_options(const BenchInferOptions& options) {
  require(options.windows >= 0, "--windows", options.windows, "at least 0 (0: all)");
  require(options.rounds >= 1, "--rounds", options.rounds, "at least 1");
  check(options.compute);
}

void check_options(const BenchTokenizeOptions& options) {
  require_given(options.model, "--model", "./bert-base-uncased");
  check_threads(options.threads);
}

ChosenEngine make_engine(const ComputeOptions& options, Profiling profiling) {
  set_threads(static_cast<int>(options.threads));
  const PrecisionChoice precision = choose_precision(parse_precision(options.precision));
  std::unique_ptr<Engine> engine = make_cpu_engine(precision.precision);
  if (options.trace.empty() && profiling == Profiling::kOff) return {std::move(engine), precision};
  if (!options.trace.empty()) require_writable_file(options.trace);
  const bool events = !options.trace.empty() || profiling == Profiling::kEvents;
  auto traced = std::make_unique<TraceEngine>(std::move(engine), events ? kMaxTraceEvents : 0);
  TraceEngine* trace = traced.get();
  return {std::move(traced), precision, trace};
}

void write_trace(const ChosenEngine& chosen, const ComputeOptions& options) {
  if (options.trace.empty()) return;
  write_file_atomic(options.trace,
                    chrome_trace(chosen.trace->trace(), chosen.engine->description()));
  log_info("trace of {} events: {}", chosen.trace->trace().events().size(), options.trace);
}

size_t reserve_products(Engine& engine, const BertConfig& config, int64_t rows) {
  return engine.reserve(rows, std::max(config.intermediate_size, 3 * config.hidden_size));
}

std::string format_bytes(double bytes) {
  constexpr double kMiB = 1024.0 * 1024.0;
  return bytes < 1024 * kMiB ? fmt::format("{:.1f} MiB", bytes / kMiB)
                             : fmt::format("{:.2f} GiB", bytes / (1024 * kMiB));
}

}  // namespace bertune
