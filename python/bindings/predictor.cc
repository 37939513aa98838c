// SPDX-License-Identifier: Apache-2.0
// Binds Predictor. Threads may share it, as in C++.
#include <pybind11/pybind11.h>

#include <memory>
#include <optional>
#include <string>
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
      : predictor_(load(model, predictor_options(options))) {}

  std::string task() const { return predictor_.task(); }
  py::str model() const { return to_python(predictor_.model()); }

  py::list predict(const py::list& inputs, const py::dict& given, int64_t first) const {
    const std::vector<Input> part = to_inputs(inputs, first);
    PredictRequest request{.inputs = part, .first_input = first};
    set_options(request, given, "predict");
    const auto answer = [&] {
      const py::gil_scoped_release released;
      return predictor_.predict(request);
    };
    return to_python(answer(), predictor_.is_flat(request.top_k));
  }

  InputReader read_inputs(py::handle file) const {
    return predictor_.read_inputs(argument_of<std::string>("file", file));
  }

  py::dict evaluate(const py::dict& given, const py::dict& examples) const {
    EvaluateRequest request;
    set_options(request, given, "evaluate");
    set_examples(examples, "eval_dataset", request.eval_dataset);
    const auto answer = [&] {
      const py::gil_scoped_release released;
      return predictor_.evaluate(request, interruptible_evaluating());
    };
    return to_python(answer());
  }

 private:
  Predictor predictor_;
};

py::list next_inputs(InputReader& reader, size_t count) {
  py::list inputs;
  for (const Input& input : reader.next(count)) inputs.append(to_python(input));
  return inputs;
}

}  // namespace

void bind_predictor(py::module_& module) {
  py::class_<InputReader>(module, "InputReader").def("next", next_inputs, py::arg("count"));
  py::class_<PredictorBinding>(module, "Predictor")
      .def(py::init([](py::handle model, const py::dict& options) {
             return std::make_unique<PredictorBinding>(argument_of<std::string>("model", model),
                                                       options);
           }),
           py::arg("model"), py::arg("options"))
      .def_property_readonly("task", &PredictorBinding::task)
      .def_property_readonly("model", &PredictorBinding::model)
      .def("predict", &PredictorBinding::predict, py::arg("inputs"), py::arg("options"),
           py::arg("first"))
      .def("read_inputs", &PredictorBinding::read_inputs, py::arg("file"))
      .def("evaluate", &PredictorBinding::evaluate, py::arg("options"), py::arg("examples"));
}

}  // namespace bertune
