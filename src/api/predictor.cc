// SPDX-License-Identifier: Apache-2.0
// A model in memory that answers, behind the public Predictor.
#include <fmt/format.h>

#include <mutex>

#include "api/check_options.h"
#include "api/check_task_options.h"
#include "bertune/bertune.h"
#include "predict/passes.h"

namespace bertune {
namespace {

void check_inputs(const Task& task, const std::vector<Input>& inputs) {
  for (size_t i = 0; i < inputs.size(); ++i) {
    try {
      task.check_input(inputs[i]);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("input {}: {}", i, error.message()), error.hint());
    }
  }
}

}  // namespace

struct Predictor::State {
  AnswerOptions answer;
  LoadedModel model;
  std::mutex computing;  // one pass at a time, because the engine's memory is of one

  // A task makes its windows before it asks for the first logits, so threads prepare side by side.
  Infer infer() {
    return [this](const WindowSet& set, const LogitsSink& sink) {
      const std::lock_guard lock(computing);
      model.infer(set, sink);
    };
  }
};

Predictor::Predictor(const std::string& model, const PredictorOptions& options,
                     const FetchSink& fetching) {
  check_options(options);
  Checkpoint checkpoint = open_checkpoint(resolve_checkpoint(model, "", fetching), options.task);
  check_task_options(checkpoint.task->description(), options);
  state_.reset(new State{options.answer, {std::move(checkpoint), options.compute}, {}});
}

Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;
Predictor::~Predictor() = default;

Predictions Predictor::predict(const std::vector<Input>& inputs,
                               std::optional<int64_t> top_k) const {
  check_top_k(top_k);
  const LoadedModel& model = state_->model;
  model.set_threads();
  check_inputs(model.task(), inputs);
  return model.task().predict(model.context(state_->answer), inputs,
                              top_k.value_or(model.task().description().top_k), state_->infer());
}

Evaluation Predictor::evaluate(const EvaluateOptions& options,
                               const EvaluateSink& evaluating) const {
  check_options(options);
  check_task_options(state_->model.task().description(), options);
  state_->model.set_threads();
  return bertune::evaluate(state_->model, options, state_->infer(), evaluating);
}

std::string Predictor::task() const { return state_->model.task().description().name; }

}  // namespace bertune
