// SPDX-License-Identifier: Apache-2.0
#include "bindings/errors.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <regex>
#include <set>

#include "bertune/error.h"
#include "bertune/options.h"

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

struct CollectNames {
  std::set<std::string>& names;

  template <typename T>
  void operator()(const char* name, const T&, const char*) const {
    names.insert(name);
  }
};

std::set<std::string> option_names() {
  std::set<std::string> names{"top_k"};  // an argument of predict here, an option of the program
  const TrainOptions train;
  TrainOptions::visit(train, CollectNames{names});
  const EvaluateOptions evaluate;
  EvaluateOptions::visit(evaluate, CollectNames{names});
  return names;
}

void raise(const Error& error) {
  const py::object type = py::module_::import("bertune.errors").attr(class_of(error.kind()));
  const py::object value =
      type(with_python_names(error.message()), with_python_names(error.hint()));
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
                      "the machine has too little memory for this: lower token_budget, batch_size "
                      "or max_seq_length");
    }
  });
}

std::string with_python_names(const std::string& text) {
  static const std::regex kFlag("--([a-z][a-z0-9-]*)");
  const std::set<std::string> names = option_names();
  std::string out;
  auto rest = text.cbegin();
  for (std::sregex_iterator flag(text.begin(), text.end(), kFlag), end; flag != end; ++flag) {
    std::string name = (*flag)[1];
    std::replace(name.begin(), name.end(), '-', '_');
    out.append(rest, (*flag)[0].first);
    out += names.contains(name) ? name : flag->str();
    rest = (*flag)[0].second;
  }
  return out.append(rest, text.cend());
}

void throw_wrong_type(const std::string& argument, const char* wanted, py::handle given) {
  const std::string type = py::str(py::type::handle_of(given).attr("__name__"));
  throw py::type_error(fmt::format("{} must be {}, not {}", argument, wanted, type));
}

}  // namespace bertune
