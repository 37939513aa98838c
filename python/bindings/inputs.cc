// SPDX-License-Identifier: Apache-2.0
#include "bindings/inputs.h"

#include <fmt/format.h>

#include "bertune/error.h"
#include "bindings/errors.h"
#include "bindings/options.h"

namespace bertune {
namespace {

namespace py = pybind11;

std::string part(const std::string& place, const py::dict& dict, const char* key) {
  const py::object value = dict[key];
  if (!py::isinstance<py::str>(value)) {
    throw_wrong_type(fmt::format("{}['{}']", place, key), "a str", value);
  }
  return to_text(value);
}

Input from_dict(const std::string& place, const py::dict& dict) {
  if (dict.contains("context") && dict.contains("question")) {
    return ContextQuestion{part(place, dict, "context"), part(place, dict, "question")};
  }
  if (dict.contains("text") && dict.contains("text_pair")) {
    return TextPair{part(place, dict, "text"), part(place, dict, "text_pair")};
  }
  if (dict.contains("text")) return part(place, dict, "text");
  throw Error(ErrorKind::kInput,
              fmt::format("{} has the keys {}, which are not the parts of an input", place,
                          std::string(py::repr(py::list(dict)))),
              "pass {'context': ..., 'question': ...}, {'text': ...} or "
              "{'text': ..., 'text_pair': ...}");
}

Input to_input(const std::string& place, py::handle given) {
  if (py::isinstance<py::str>(given)) return to_text(given);
  if (py::isinstance<py::dict>(given)) {
    return from_dict(place, py::reinterpret_borrow<py::dict>(given));
  }
  throw_wrong_type(place, "a str or a dict", given);
}

}  // namespace

py::object to_python(const Input& input) {
  py::dict parts;
  if (const auto* text = std::get_if<std::string>(&input)) return py::str(*text);
  if (const auto* pair = std::get_if<TextPair>(&input)) {
    parts["text"] = pair->text;
    parts["text_pair"] = pair->text_pair;
  } else {
    const auto& question = std::get<ContextQuestion>(input);
    parts["context"] = question.context;
    parts["question"] = question.question;
  }
  return parts;
}

Weights to_weights(const char* argument, py::handle given) {
  if (given.is_none()) return {};
  if (py::isinstance<py::bool_>(given)) return py::cast<bool>(given);
  std::string from;
  try {
    from_python(argument, given, from);
  } catch (const py::type_error&) {
    throw_wrong_type(argument, "a bool, a str or a path", given);
  }
  return from;
}

std::string to_text(py::handle str) {
  Py_ssize_t size = 0;
  if (const char* utf8 = PyUnicode_AsUTF8AndSize(str.ptr(), &size)) {
    return {utf8, static_cast<size_t>(size)};
  }
  PyErr_Clear();
  const auto bytes = py::reinterpret_steal<py::bytes>(
      PyUnicode_AsEncodedString(str.ptr(), "utf-8", "surrogatepass"));
  if (!bytes) throw py::error_already_set();
  std::string text = bytes;
  for (size_t i = 0; i + 2 < text.size(); ++i) {  // surrogates are ED A0 80 .. ED BF BF
    if (text[i] == '\xED' && static_cast<unsigned char>(text[i + 1]) >= 0xA0) {
      text.replace(i, 3, "\xEF\xBF\xBD");
    }
  }
  return text;
}

std::vector<Input> to_inputs(const py::list& given, int64_t first) {
  std::vector<Input> inputs;
  inputs.reserve(given.size());
  for (const py::handle item : given) {
    const int64_t index = first + static_cast<int64_t>(inputs.size());
    inputs.push_back(to_input(fmt::format("input_data[{}]", index), item));
  }
  return inputs;
}

}  // namespace bertune
