// SPDX-License-Identifier: Apache-2.0
// Predictor for Python. Threads may share it, as in C++.
#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bertune/bertune.h"
#include "bindings/bind.h"
#include "bindings/events.h"
#include "bindings/inputs.h"
#include "bindings/options.h"
#include "bindings/results.h"
#include "tasks/task.h"

namespace bertune {
namespace {

namespace py = pybind11;

PredictorOptions predictor_options(const py::dict& given) {
  PredictorOptions options;
  set_options(options, given, "Predictor");
  return options;
}

Predictor load(const std::string& model, const PredictorOptions& options) {
  const py::gil_scoped_release released;
  return Predictor(model, options, interruptible_fetching());
}

class PredictorBinding {
 public:
  PredictorBinding(const std::string& model, const py::dict& options)
      : options_(predictor_options(options)),
        predictor_(load(model, options_)),
        task_(make_task(predictor_.task())) {}

  std::string task() const { return predictor_.task(); }

  py::list predict(const py::list& inputs, py::handle given_top_k, int64_t first) const {
    const std::vector<Input> part = to_inputs(inputs, *task_, first);
    const auto top_k = optional_argument_of<int64_t>("top_k", given_top_k);
    const auto answer = [&] {
      const py::gil_scoped_release released;
      return predictor_.predict(part, top_k);
    };
    const TaskDescription& task = task_->description();
    return to_python(answer(), is_flat(task, top_k.value_or(task.top_k)));
  }

  py::dict evaluate(const py::dict& given) const {
    EvaluateOptions options;
    options.answer = options_.answer;
    set_options(options, given, "evaluate");
    const auto score = [&] {
      const py::gil_scoped_release released;
      return predictor_.evaluate(options, interruptible_evaluating());
    };
    return to_python(score());
  }

 private:
  PredictorOptions options_;
  Predictor predictor_;
  std::unique_ptr<Task> task_;
};

}  // namespace

void bind_predictor(py::module_& module) {
  py::class_<PredictorBinding>(module, "Predictor")
      .def(py::init([](py::handle model, const py::dict& options) {
             return std::make_unique<PredictorBinding>(argument_of<std::string>("model", model),
                                                       options);
           }),
           py::arg("model"), py::arg("options"))
      .def_property_readonly("task", &PredictorBinding::task)
      .def("predict", &PredictorBinding::predict, py::arg("inputs"), py::arg("top_k"),
           py::arg("first"))
      .def("evaluate", &PredictorBinding::evaluate, py::arg("options"));
}

}  // namespace bertune
