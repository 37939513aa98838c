// SPDX-License-Identifier: Apache-2.0
#include "bindings/errors.h"

#include <fmt/format.h>
#include <pybind11/stl.h>

#include <exception>
#include <new>

#include "bertune/error.h"

namespace bertune {
namespace {

namespace py = pybind11;

const char* class_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "UsageError";
    case ErrorKind::kInput:
      return "InputError";
    case ErrorKind::kSystem:
      return "OperatingSystemError";
    case ErrorKind::kNumerical:
      return "NumericalError";
    case ErrorKind::kInternal:
      return "InternalError";
  }
  return "InternalError";
}

void raise(const Error& error) {
  const py::object type = py::module_::import("bertune.errors").attr(class_of(error.kind()));
  const py::object value = type(error.message(), error.hint());
  value.attr("options") = py::cast(error.options());
  PyErr_SetObject(type.ptr(), value.ptr());
}

}  // namespace

void translate_errors() {
  py::register_exception_translator([](std::exception_ptr thrown) {
    try {
      std::rethrow_exception(thrown);
    } catch (const Error& error) {
      raise(error);
    } catch (const std::bad_alloc&) {
      PyErr_SetString(PyExc_MemoryError,
                      "the machine does not have enough memory for this: lower token_budget, "
                      "batch_size or max_seq_length");
    }
  });
}

void throw_wrong_type(const std::string& argument, const char* wanted, py::handle given) {
  const std::string type = py::str(py::type::handle_of(given).attr("__name__"));
  throw py::type_error(fmt::format("{} must be {}, not {}", argument, wanted, type));
}

}  // namespace bertune
