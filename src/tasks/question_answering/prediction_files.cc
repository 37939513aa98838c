// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/prediction_files.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/json.h"
#include "bertune/error.h"
#include "datasets/json/text.h"
#include "text/python_text.h"

namespace bertune {
namespace {

std::string quote(const std::string& text) { return nlohmann::json(text).dump(); }

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

[[noreturn]] void fail_shape(const JsonText& json, const std::string& what) {
  throw Error(ErrorKind::kInput, fmt::format("'{}': {}", json.path().string(), what),
              "a predictions file is one object, {\"question id\": \"answer text\", ...}");
}

}  // namespace

QaAnswerFile::QaAnswerFile(const std::filesystem::path& path, Content content)
    : content_(content), file_(path) {
  file_.write("{");
}

void QaAnswerFile::add(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  constexpr size_t kBlock = 1 << 16;  // the least bytes of a write
  CHECK(predictions.size() == data.examples.size());
  std::string block;
  for (size_t e = 0; e < predictions.size(); ++e) {
    block += empty_ ? "\n" : ",\n";
    empty_ = false;
    block += "  " + quote(data.examples[e].id) + ": ";
    block += content_ == Content::kTexts ? quote(predictions[e].answer.text)
                                         : answers_json(predictions[e]);
    if (block.size() < kBlock && e + 1 < predictions.size()) continue;
    file_.write(block);
    block.clear();
  }
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
