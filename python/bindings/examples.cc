// SPDX-License-Identifier: Apache-2.0
#include "bindings/examples.h"

#include <memory>
#include <utility>

namespace bertune {
namespace {

namespace py = pybind11;

using SharedObject = std::shared_ptr<py::object>;

// An object that may be released without the GIL.
SharedObject share(py::object object) {
  return {new py::object(std::move(object)), [](py::object* held) {
            const py::gil_scoped_acquire gil;
            delete held;
          }};
}

bool next_text(const SharedObject& iterator, std::string& json) {
  const py::gil_scoped_acquire gil;
  const auto item = py::reinterpret_steal<py::object>(PyIter_Next(iterator->ptr()));
  if (!item && PyErr_Occurred()) throw py::error_already_set();
  if (!item) return false;
  json = py::cast<std::string>(item);
  return true;
}

NextExample begin_pass(const SharedObject& iterable) {
  const py::gil_scoped_acquire gil;
  return [iterator = share(py::iter(*iterable))](std::string& json) {
    return next_text(iterator, json);
  };
}

}  // namespace

void set_examples(const py::dict& examples, const char* argument, Dataset& dataset) {
  if (!examples.contains(argument)) return;
  dataset.examples = [iterable = share(examples[argument])] { return begin_pass(iterable); };
}

}  // namespace bertune
