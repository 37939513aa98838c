// SPDX-License-Identifier: Apache-2.0
#include "train/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "bertune/error.h"
#include "predict/passes.h"

namespace bertune {
namespace {

bool is_better(const std::string& metric, double value, double best) {
  const bool lower = metric == "loss" || metric == "perplexity";
  return lower ? value < best : value > best;
}

// The metric named by the options or else by the task; the data's first metric if it lacks that
// name.
std::string name_of_metric(const TrainOptions& options, const TaskDescription& task,
                           const Metrics& metrics) {
  if (!options.validation.metric_for_best.empty()) return options.validation.metric_for_best;
  const bool has = std::any_of(metrics.begin(), metrics.end(), [&](const auto& metric) {
    return metric.first == task.main_metric;
  });
  return has ? task.main_metric : metrics.front().first;
}

[[noreturn]] void fail_metric(const std::string& name, const std::vector<std::string>& names) {
  throw Error(ErrorKind::kUsage, fmt::format("{} is '{}'", option("metric_for_best"), name),
              fmt::format("the metrics of this data are {}", fmt::join(names, ", ")));
}

EvaluateRequest evaluation_of(const TrainOptions& options) {
  return {.eval_dataset = options.eval_dataset, .data = options.data, .answer = options.answer};
}

struct Stopped {};

}  // namespace

void check_evaluation_data(const TrainOptions& options, const TrainingJob& job) {
  if (options.eval_dataset.empty()) return;
  const auto names = job.task->list_metrics(context_of(job, options), evaluation_of(options));
  const std::string& wanted = options.validation.metric_for_best;
  const bool known = std::find(names.begin(), names.end(), wanted) != names.end();
  if (!wanted.empty() && !known) fail_metric(wanted, names);
}

Validation::Validation(const TrainOptions& options, const TrainingJob& job, TaskModel& model,
                       RunState& state)
    : options_(options), job_(job), model_(model), state_(state) {}

bool Validation::is_due() const {
  const int64_t eval_steps = options_.validation.eval_steps;
  const int64_t eval_epochs = options_.validation.eval_epochs;
  const int64_t step = state_.get().step;
  if (eval_steps > 0 && step % eval_steps == 0) return true;
  return eval_epochs > 0 && step % (eval_epochs * job_.schedule.epoch_steps()) == 0;
}

Evaluation Validation::evaluate(const TrainEvents& events) {
  const Infer passes = [&](const WindowSet& set, const LogitsSink& sink) {
    infer(model_, job_.capacity, set, sink);
  };
  const EvaluateSink watch = [&](const EvaluateProgress& progress) {
    if (events.evaluating) events.evaluating(progress);
    if (events.stop && events.stop()) throw Stopped();
  };
  return {job_.task->description().metric_name,
          job_.task->evaluate(context_of(job_, options_), evaluation_of(options_),
                              with_progress(passes, watch))};
}

std::optional<Evaluation> Validation::run(const TrainEvents& events) {
  state_.expect_evaluation();
  std::optional<Evaluation> evaluation;
  try {
    evaluation = evaluate(events);
  } catch (const Stopped&) {
    return {};
  }
  const auto& [name, value] = deciding_metric(*evaluation);
  const TrainingState& state = state_.get();
  const bool first = state.best_step == 0;
  state_.add_evaluation(value,
                        !std::isnan(value) && (first || is_better(name, value, state.best_value)));
  return evaluation;
}

const std::pair<std::string, double>& Validation::deciding_metric(
    const Evaluation& evaluation) const {
  const std::string name = name_of_metric(options_, job_.task->description(), evaluation.metrics);
  for (const auto& metric : evaluation.metrics) {
    if (metric.first == name) return metric;
  }
  fail_metric(name, names_of(evaluation.metrics));
}

bool Validation::is_over() const {
  const int64_t patience = options_.validation.early_stopping_patience;
  return patience > 0 && state_.get().evaluations_since_best >= patience;
}

}  // namespace bertune
