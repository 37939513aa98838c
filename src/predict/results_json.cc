// SPDX-License-Identifier: Apache-2.0
#include "predict/results_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

#include "tasks/task.h"
#include "text/python_text.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

enum class Style { kJson, kPython };

std::string quoted(const std::string& text, Style style) {
  if (style == Style::kJson) return Json(text).dump();
  const bool only_single = text.find('\'') != text.npos && text.find('"') == text.npos;
  const char quote = only_single ? '"' : '\'';
  std::string out(1, quote);
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else {
      if (c == quote || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + quote;
}

// A metric that is not defined is NaN, which JSON does not have.
std::string number_text(double value, Style style) {
  return style == Style::kJson && !std::isfinite(value) ? "null" : python_repr(value);
}

// Formats lists, objects, strings and numbers. Numbers use python_repr in both styles, because
// nlohmann's dump() prints one digit too many for some.
std::string print(const Json& value, Style style) {
  if (value.is_string()) return quoted(value.get_ref<const std::string&>(), style);
  if (value.is_number_float()) return number_text(value.get<double>(), style);
  if (!value.is_structured()) return value.dump();
  std::string out;
  for (const auto& [key, item] : value.items()) {
    if (!out.empty()) out += ", ";
    if (value.is_object()) out += quoted(key, style) + ": ";
    out += print(item, style);
  }
  return value.is_object() ? "{" + out + "}" : "[" + out + "]";
}

Json metrics_object(const Metrics& metrics) {
  Json object = Json::object();
  for (const auto& [name, value] : metrics) {
    if (name.ends_with("total")) {
      object[name] = static_cast<int64_t>(value);  // a count, printed as one
    } else {
      object[name] = value;
    }
  }
  return object;
}

struct FieldsToJson {
  Json& object;

  template <typename T>
  void operator()(const char* name, const T& value) const {
    object[name] = value;
  }
};

Json prediction_object(const Prediction& prediction) {
  Json object = Json::object();
  std::visit([&](const auto& fields) { fields.visit(fields, FieldsToJson{object}); }, prediction);
  return object;
}

Json list_of(std::span<const Prediction> predictions) {
  Json list = Json::array();
  for (const Prediction& prediction : predictions) list.push_back(prediction_object(prediction));
  return list;
}

// A list of the predictions; a list of lists for a text with several [MASK].
Json list_of_input(const std::vector<Prediction>& predictions) {
  const auto parts = split_by_mask(predictions);
  if (parts.size() == 1) return list_of(parts.front());
  Json lists = Json::array();
  for (const auto part : parts) lists.push_back(list_of(part));
  return lists;
}

Json predictions_array(const Predictions& predictions, bool flat) {
  Json all = Json::array();
  for (const std::vector<Prediction>& of_input : predictions) {
    Json list = list_of_input(of_input);
    all.push_back(flat ? std::move(list.at(0)) : std::move(list));
  }
  return all;
}

}  // namespace

std::string evaluation_line(const Evaluation& evaluation) {
  return evaluation.name + " = " + print(metrics_object(evaluation.metrics), Style::kPython);
}

std::string evaluation_json(const Evaluation& evaluation) {
  return print(Json{{evaluation.name, metrics_object(evaluation.metrics)}}, Style::kJson);
}

std::string predictions_text(const Predictions& predictions, bool flat) {
  return print(predictions_array(predictions, flat), Style::kPython);
}

std::string predictions_json(const Predictions& predictions, bool flat) {
  return print(predictions_array(predictions, flat), Style::kJson);
}

}  // namespace bertune
