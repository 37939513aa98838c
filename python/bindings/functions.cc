// SPDX-License-Identifier: Apache-2.0
// Binds the library's free functions.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "bertune/bertune.h"
#include "bindings/bind.h"
#include "bindings/events.h"
#include "bindings/options.h"
#include "bindings/results.h"

namespace bertune {
namespace {

namespace py = pybind11;

template <typename Request>
Request request_of(const py::dict& given, const char* call) {
  Request request;
  set_options(request, given, call);
  return request;
}

// Runs potentially long work without the GIL.
template <typename Work>
auto without_gil(const Work& work) {
  const py::gil_scoped_release released;
  return work();
}

py::dict score_file(const py::dict& given) {
  const auto request = request_of<ScoreRequest>(given, "score");
  return to_python(without_gil([&] { return score(request); }));
}

py::str export_folder(const py::dict& given) {
  const auto request = request_of<ExportRequest>(given, "export_model");
  return to_python(without_gil([&] { return export_model(request, interruptible_fetching()); }));
}

py::str pull_model(py::handle given) {
  const auto name = argument_of<std::string>("model", given);
  return to_python(without_gil([&] { return pull(name, interruptible_fetching()); }));
}

py::str find_checkpoint_in(py::handle output_dir, py::handle which) {
  return to_python(find_checkpoint(argument_of<std::string>("output_dir", output_dir),
                                   argument_of<std::string>("which", which)));
}

py::list list_models() {
  py::list list;
  for (const ListedModel& model : models().models) list.append(to_dict(model));
  return list;
}

py::list list_tasks() {
  py::list list;
  for (const TaskSummary& task : tasks()) {
    py::dict dict;
    dict["name"] = task.name;
    dict["help"] = task.help;
    dict["metric_name"] = task.metric_name;
    dict["main_metric"] = task.main_metric;
    dict["top_k"] = task.top_k;
    dict["recipe"] = to_dict(task.recipe);
    list.append(dict);
  }
  return list;
}

}  // namespace

void bind_functions(py::module_& module) {
  module.def("score", score_file, py::arg("options"));
  module.def("export_model", export_folder, py::arg("options"));
  module.def("pull", pull_model, py::arg("model"));
  module.def("find_checkpoint", find_checkpoint_in, py::arg("output_dir"), py::arg("which"));
  module.def("models", list_models);
  module.def("tasks", list_tasks);
}

}  // namespace bertune
