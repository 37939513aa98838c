// SPDX-License-Identifier: Apache-2.0
// Implements the public Predictor: checks requests, then runs them on a loaded model.
#include <fmt/format.h>

#include "api/check_options.h"
#include "api/check_task_options.h"
#include "api/input_reader.h"
#include "base/log.h"
#include "bertune/bertune.h"
#include "hub/resolve.h"
#include "predict/loaded_model.h"

namespace bertune {
namespace {

void check_inputs(const Task& task, const PredictRequest& request) {
  for (size_t i = 0; i < request.inputs.size(); ++i) {
    try {
      task.check_input(request.inputs[i]);
    } catch (const Error& error) {
      throw error.at(fmt::format("input {}", request.first_input + static_cast<int64_t>(i)));
    }
  }
}

}  // namespace

struct Predictor::State {
  LoadedModel model;
  std::string task;

  State(Checkpoint checkpoint, const ComputeOptions& compute)
      : model(std::move(checkpoint), compute), task(model.task().description().name) {}
  ~State() {
    try {
      model.write_trace();
    } catch (const Error& error) {
      log_warning("{}", error.message());
    }
  }

  Infer passes() {
    return [this](const WindowSet& set, const LogitsSink& sink) { model.infer(set, sink); };
  }
};

Predictor::Predictor(const std::string& model, const PredictorOptions& options,
                     const FetchSink& fetching) {
  check_options(options);
  state_ = std::make_unique<State>(open_checkpoint(resolve_model(model, fetching), options.task),
                                   options.compute);
}

Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

Predictions Predictor::predict(const PredictRequest& given) const {
  const LoadedModel& model = state_->model;
  const TaskDescription& task = model.task().description();
  check_options(given);
  check_task_options(task, given);
  check_inputs(model.task(), given);
  const WithThreads threads = model.with_threads();
  return bertune::predict(model.task(), model.context(), given, state_->passes());
}

Evaluation Predictor::evaluate(const EvaluateRequest& request,
                               const EvaluateSink& evaluating) const {
  const LoadedModel& model = state_->model;
  const TaskDescription& task = model.task().description();
  check_options(request);
  check_task_options(task, request);
  const WithThreads threads = model.with_threads();
  const Infer passes = state_->passes();
  return {task.metric_name,
          model.task().evaluate(model.context(), request, with_progress(passes, evaluating))};
}

InputReader Predictor::read_inputs(const std::string& file) const {
  const Reading reading = state_->model.context().reading;
  return InputReader(std::make_unique<InputReader::State>(file, task(), reading));
}

bool Predictor::is_flat(std::optional<int64_t> top_k) const {
  const bool several = state_->model.context().reading.multi_label;
  return !several && bertune::is_flat(find_task(task()), top_k);
}

const std::string& Predictor::task() const { return state_->task; }

const std::filesystem::path& Predictor::model() const { return state_->model.path(); }

}  // namespace bertune
