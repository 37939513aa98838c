// SPDX-License-Identifier: Apache-2.0
#include "tasks/qa_files.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "tasks/json_text.h"
#include "tasks/python_text.h"

namespace bertune {
namespace {

std::string quote(const std::string& text) { return nlohmann::json(text).dump(); }

// {id: value, ...}, one entry a line, where value_of(prediction) is JSON.
template <typename ValueOf>
std::string object_by_id(const SquadData& data, const std::vector<QaPrediction>& predictions,
                         const ValueOf& value_of) {
  CHECK(predictions.size() == data.examples.size());
  std::string out = "{";
  for (size_t e = 0; e < predictions.size(); ++e) {
    out += e == 0 ? "\n" : ",\n";
    out += "  " + quote(data.examples[e].id) + ": " + value_of(predictions[e]);
  }
  return out + "\n}\n";
}

std::string answer_json(const QaAnswer& answer) {
  return fmt::format(R"({{"text": {}, "score": {}, "start": {}, "end": {}, "start_logit": {}, )"
                     R"("end_logit": {}}})",
                     quote(answer.text), python_repr(answer.score), answer.start, answer.end,
                     python_repr(answer.start_logit), python_repr(answer.end_logit));
}

std::string answers_json(const std::vector<QaAnswer>& answers) {
  std::string out = "[";
  for (const QaAnswer& answer : answers) {
    out += out.size() == 1 ? "\n    " : ",\n    ";
    out += answer_json(answer);
  }
  return out + "\n  ]";
}

[[noreturn]] void fail_shape(const JsonText& json, const std::string& what) {
  throw Error(ErrorKind::kInput, fmt::format("'{}': {}", json.path().string(), what),
              "a predictions file is one object, {\"question id\": \"answer text\", ...}");
}

}  // namespace

std::string predictions_json(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  return object_by_id(data, predictions,
                      [](const QaPrediction& p) { return quote(p.answer.text); });
}

std::string n_best_json(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  return object_by_id(data, predictions,
                      [](const QaPrediction& p) { return answers_json(p.n_best); });
}

std::string no_answer_scores_json(const SquadData& data,
                                  const std::vector<QaPrediction>& predictions) {
  return object_by_id(data, predictions,
                      [](const QaPrediction& p) { return python_repr(p.no_answer_score); });
}

AnswerTexts read_predictions(const std::filesystem::path& path) {
  const JsonText json(path);
  simdjson::dom::parser parser;
  const simdjson::dom::element root = json.parse(parser, json.text());
  simdjson::dom::object entries;
  if (root.get(entries) != simdjson::SUCCESS) {
    fail_shape(json, fmt::format("the top is {}, not an object", name_of_type(root)));
  }
  AnswerTexts texts;
  texts.reserve(entries.size());
  for (const auto [id, value] : entries) {
    std::string_view text;
    if (value.get(text) != simdjson::SUCCESS) {
      fail_shape(json, fmt::format("the answer to '{}' is {}, not a string", excerpt(id),
                                   name_of_type(value)));
    }
    texts.insert_or_assign(std::string(id), std::string(text));
  }
  return texts;
}

}  // namespace bertune
