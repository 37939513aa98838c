// SPDX-License-Identifier: Apache-2.0
#include "bindings/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "bertune/error.h"
#include "bindings/errors.h"
#include "console/spelling.h"

namespace bertune {
namespace {

namespace py = pybind11;

bool is_bool(py::handle given) {
  const std::string_view type = Py_TYPE(given.ptr())->tp_name;
  return PyBool_Check(given.ptr()) || type == "numpy.bool_" || type == "numpy.bool";
}

bool is_int(py::handle given) { return !is_bool(given) && PyIndex_Check(given.ptr()); }

bool is_number(py::handle given) {
  return is_int(given) || PyFloat_Check(given.ptr()) ||
         (!is_bool(given) && py::hasattr(given, "__float__"));
}

}  // namespace

void from_python(const std::string& argument, py::handle given, std::string& value) {
  const auto path = py::reinterpret_steal<py::object>(PyOS_FSPath(given.ptr()));
  if (!path) PyErr_Clear();
  if (!path || !py::isinstance<py::str>(path)) {
    throw_wrong_type(argument, "a str or a path", given);
  }
  const auto bytes = py::reinterpret_steal<py::bytes>(
      PyUnicode_AsEncodedString(path.ptr(), "utf-8", "surrogateescape"));
  if (!bytes) throw py::error_already_set();
  value = bytes;
}

void from_python(const std::string& argument, py::handle given, int64_t& value) {
  if (!is_int(given)) throw_wrong_type(argument, "an int", given);
  const auto integer = py::reinterpret_steal<py::object>(PyNumber_Index(given.ptr()));
  if (!integer) throw py::error_already_set();
  int overflow = 0;
  value = PyLong_AsLongLongAndOverflow(integer.ptr(), &overflow);
  if (overflow == 0) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is {}", argument, std::string(py::str(integer))),
              "give a number that fits into 64 bits");
}

void from_python(const std::string& argument, py::handle given, double& value) {
  if (!is_number(given)) throw_wrong_type(argument, "a float", given);
  value = PyFloat_AsDouble(given.ptr());
  if (PyErr_Occurred()) throw py::error_already_set();
}

void from_python(const std::string& argument, py::handle given, bool& value) {
  if (!is_bool(given)) throw_wrong_type(argument, "a bool", given);
  value = py::bool_(py::reinterpret_borrow<py::object>(given));
}

void check_names(const py::dict& given, const std::vector<std::string>& names, const char* call) {
  for (const auto& [key, value] : given) {
    if (!py::isinstance<py::str>(key)) throw_wrong_type("a key of args", "a str", key);
    const std::string name = py::str(key);
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    throw py::type_error(fmt::format("{} has no argument '{}'; did you mean '{}'?", call, name,
                                     nearest_name(name, names)));
  }
}

}  // namespace bertune
