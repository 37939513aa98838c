// SPDX-License-Identifier: Apache-2.0
// Binds Trainer. Calls are serialised; callbacks run on the calling thread.
#include <pybind11/pybind11.h>

#include <memory>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "bertune/bertune.h"
#include "bindings/bind.h"
#include "bindings/events.h"
#include "bindings/examples.h"
#include "bindings/inputs.h"
#include "bindings/options.h"
#include "bindings/results.h"

namespace bertune {
namespace {

namespace py = pybind11;

TrainOptions train_options(const py::dict& given, const py::dict& examples) {
  TrainOptions options;
  set_options(options, given, "Trainer");
  set_examples(examples, "train_dataset", options.train_dataset);
  set_examples(examples, "eval_dataset", options.eval_dataset);
  return options;
}

// Sets a flag for its lifetime.
class RaisedFlag {
 public:
  explicit RaisedFlag(bool& flag) : flag_(flag) { flag_ = true; }
  ~RaisedFlag() { flag_ = false; }
  RaisedFlag(const RaisedFlag&) = delete;
  RaisedFlag& operator=(const RaisedFlag&) = delete;

 private:
  bool& flag_;
};

class TrainerBinding {
 public:
  TrainerBinding(const py::dict& options, const py::dict& examples)
      : trainer_(train_options(options, examples)) {}

  py::dict options() const { return to_dict(trainer_.options()); }

  py::dict train(py::handle weights, py::handle do_finetune, const py::dict& callbacks,
                 py::handle console) {
    const int64_t log_steps = trainer_.options().report.log_steps;
    const bool told = argument_of<bool>("console", console);
    PythonEvents events(callbacks, told ? console_events(log_steps) : TrainEvents{});
    const TrainArguments arguments{.resume_or_finetune_from_checkpoint =
                                       to_weights("resume_or_finetune_from_checkpoint", weights),
                                   .do_finetune = argument_of<bool>("do_finetune", do_finetune),
                                   .events = events.events()};
    const TrainResult result = alone([&] {
      if (training_) {
        throw Error(ErrorKind::kUsage, "train is called from a callback of its own training",
                    "wait until training ends, or use another Trainer and output_dir");
      }
      const RaisedFlag training(training_);
      return trainer_.train(arguments);
    });
    events.raise_kept();
    return to_dict(result);
  }

  py::dict evaluate(py::handle weights) {
    const EvaluateArguments arguments{.eval_checkpoint = to_weights("eval_checkpoint", weights),
                                      .evaluating = interruptible_evaluating()};
    return to_python(alone([&] { return trainer_.evaluate(arguments); }));
  }

  py::list predict(py::handle weights, const py::list& inputs, py::handle top_k) {
    const PredictArguments arguments{
        .predict_checkpoint = to_weights("predict_checkpoint", weights),
        .input_data = to_inputs(inputs, 0),
        .top_k = optional_argument_of<int64_t>("top_k", top_k)};
    return result(arguments.predict_checkpoint, arguments.top_k,
                  [&](const Predictor&) { return trainer_.predict(arguments); });
  }

  // Like predict, for a block of inputs numbered from `first`. Does not log.
  py::list predict_part(py::handle weights, const py::list& inputs, py::handle given_top_k,
                        int64_t first) {
    const Weights from = to_weights("predict_checkpoint", weights);
    const std::vector<Input> part = to_inputs(inputs, first);
    const auto top_k = optional_argument_of<int64_t>("top_k", given_top_k);
    return result(from, top_k, [&](const Predictor& predictor) {
      return predictor.predict({.inputs = part,
                                .top_k = top_k,
                                .answer = trainer_.options().answer,
                                .first_input = first});
    });
  }

 private:
  template <typename Work>
  std::invoke_result_t<Work> alone(const Work& work) {
    const py::gil_scoped_release released;
    const std::lock_guard lock(mutex_);
    return work();
  }

  // What `predict` returns, given the predictor of these weights.
  template <typename Predict>
  py::list result(const Weights& weights, std::optional<int64_t> top_k, const Predict& predict) {
    bool flat = false;
    const Predictions predictions = alone([&] {
      const Predictor& predictor = trainer_.predictor(weights);
      flat = predictor.is_flat(top_k);
      return predict(predictor);
    });
    return to_python(predictions, flat);
  }

  Trainer trainer_;
  std::recursive_mutex mutex_;  // recursive, because a callback of train may call evaluate
  bool training_ = false;
};

}  // namespace

void bind_trainer(py::module_& module) {
  py::class_<TrainerBinding>(module, "Trainer")
      .def(py::init<const py::dict&, const py::dict&>(), py::arg("options"), py::arg("examples"))
      .def_property_readonly("options", &TrainerBinding::options)
      .def("train", &TrainerBinding::train, py::arg("weights"), py::arg("do_finetune"),
           py::arg("callbacks"), py::arg("console"))
      .def("evaluate", &TrainerBinding::evaluate, py::arg("weights"))
      .def("predict", &TrainerBinding::predict, py::arg("weights"), py::arg("inputs"),
           py::arg("top_k"))
      .def("predict_part", &TrainerBinding::predict_part, py::arg("weights"), py::arg("inputs"),
           py::arg("top_k"), py::arg("first"));
}

}  // namespace bertune
