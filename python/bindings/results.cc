// SPDX-License-Identifier: Apache-2.0
#include "bindings/results.h"

#include <span>
#include <variant>
#include <vector>

#include "bindings/options.h"

namespace bertune {
namespace {

namespace py = pybind11;

py::dict to_python(const Prediction& prediction) {
  return std::visit([](const auto& fields) { return to_dict(fields); }, prediction);
}

py::list to_python(std::span<const Prediction> predictions) {
  py::list list;
  for (const Prediction& prediction : predictions) list.append(to_python(prediction));
  return list;
}

py::dict to_python(const Metrics& metrics) {
  py::dict dict;
  for (const auto& [name, value] : metrics) {
    const py::str key(name);
    if (name.ends_with("total")) {
      dict[key] = static_cast<int64_t>(value);  // a count
    } else {
      dict[key] = value;
    }
  }
  return dict;
}

}  // namespace

py::str to_python(const std::filesystem::path& path) {
  const std::string bytes = path.string();
  const auto size = static_cast<Py_ssize_t>(bytes.size());
  return py::reinterpret_steal<py::str>(PyUnicode_DecodeFSDefaultAndSize(bytes.data(), size));
}

py::dict to_python(const Evaluation& evaluation) {
  py::dict dict;
  dict[py::str(evaluation.name)] = to_python(evaluation.metrics);
  return dict;
}

py::list to_python(const Predictions& predictions, bool flat) {
  py::list all;
  for (const std::vector<Prediction>& of_input : predictions) {
    const auto parts = split_by_mask(of_input);
    py::list list;
    for (const std::span<const Prediction> part : parts) list.append(to_python(part));
    if (flat) {
      all.append(list[0][py::int_(0)]);
    } else {
      all.append(parts.size() == 1 ? py::object(list[0]) : py::object(list));
    }
  }
  return all;
}

}  // namespace bertune
