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

// "id": value, one entry a line, where value_of(prediction) is JSON.
template <typename ValueOf>
std::string entries(const SquadData& data, const std::vector<QaPrediction>& predictions,
                    const ValueOf& value_of) {
  CHECK(predictions.size() == data.examples.size());
  std::string out;
  for (size_t e = 0; e < predictions.size(); ++e) {
    out += e == 0 ? "\n" : ",\n";
    out += "  " + quote(data.examples[e].id) + ": " + value_of(predictions[e]);
  }
  return out;
}

std::string answer_json(const QaAnswer& answer) {
  return fmt::format(R"({{"text": {}, "score": {}, "start": {}, "end": {}, "start_logit": {}, )"
                     R"("end_logit": {}}})",
                     quote(answer.text), python_repr(answer.score), answer.start, answer.end,
                     python_repr(answer.start_logit), python_repr(answer.end_logit));
}

std::string answers_json(const QaPrediction& prediction) {
  std::string out = "[";
  for (const QaAnswer& answer : prediction.n_best) {
    out += out.size() == 1 ? "\n    " : ",\n    ";
    out += answer_json(answer);
  }
  return out + "\n  ]";
}

std::string answer_text(const QaPrediction& prediction) { return quote(prediction.answer.text); }

[[noreturn]] void fail_shape(const JsonText& json, const std::string& what) {
  throw Error(ErrorKind::kInput, fmt::format("'{}': {}", json.path().string(), what),
              "a predictions file is one object, {\"question id\": \"answer text\", ...}");
}

}  // namespace

std::string predictions_json(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  return "{" + entries(data, predictions, answer_text) + "\n}\n";
}

std::string n_best_json(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  return "{" + entries(data, predictions, answers_json) + "\n}\n";
}

std::string no_answer_scores_json(const SquadData& data,
                                  const std::vector<QaPrediction>& predictions) {
  const auto score = [](const QaPrediction& p) { return python_repr(p.no_answer_score); };
  return "{" + entries(data, predictions, score) + "\n}\n";
}

QaAnswerFile::QaAnswerFile(const std::filesystem::path& path, Content content)
    : content_(content), file_(path) {
  file_.write("{");
}

void QaAnswerFile::add(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  if (predictions.empty()) return;
  if (!empty_) file_.write(",");
  empty_ = false;
  const bool texts = content_ == Content::kTexts;
  file_.write(entries(data, predictions, texts ? answer_text : answers_json));
}

void QaAnswerFile::close() {
  file_.write("\n}\n");
  file_.close();
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
