// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/prediction_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bertune/error.h"
#include "datasets/json/records.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

using Json = nlohmann::ordered_json;

std::string padded(const std::string& text, size_t width, bool right) {
  const auto length = static_cast<size_t>(count_code_points(text));
  const std::string blanks(width > length ? width - length : 0, ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::string label_lines(std::span<const LabelScore> predictions) {
  std::string lines;
  for (const LabelScore& prediction : predictions) {
    lines += fmt::format("{{\"label\": {}, \"score\": {}}}\n", Json(prediction.label).dump(),
                         python_repr(prediction.score));
  }
  return lines;
}

std::vector<LabelScore> read_label_lines(const std::filesystem::path& path, size_t count) {
  std::vector<LabelScore> predictions;
  const JsonText json(path);
  JsonRecords records(json,
                      "a line is {\"label\": \"...\"}, with \"score\" if numbers are predicted");
  while (const std::optional<JsonRecord> record = records.next()) {
    LabelScore& prediction = predictions.emplace_back();
    prediction.label = record->scalar(record->at("label"), "label");
    if (!record->has("score")) continue;
    prediction.score = record->as<double>(record->at("score"), "score", "a number");
  }
  if (predictions.size() == count) return predictions;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has {} predictions for {} examples", path.string(),
                          predictions.size(), count),
              "the file needs one line for each example of the dataset, in order");
}

std::string confusion_json(const ConfusionTable& table, const Labels& labels) {
  Json rows = Json::array();
  for (int64_t gold = 0; gold < table.labels; ++gold) {
    Json row = Json::array();
    for (int64_t predicted = 0; predicted < table.labels; ++predicted) {
      row.push_back(table.at(gold, predicted));
    }
    rows.push_back(std::move(row));
  }
  return Json{{"labels", labels}, {"counts", std::move(rows)}}.dump() + "\n";
}

std::string confusion_text(const ConfusionTable& table, const Labels& labels) {
  size_t width = 8;
  for (const std::string& label : labels) {
    width = std::max(width, static_cast<size_t>(count_code_points(label)));
  }
  std::string text = padded("gold", width, false);
  for (const std::string& label : labels) text += "  " + padded(label, width, true);
  for (int64_t gold = 0; gold < table.labels; ++gold) {
    text += "\n" + padded(labels[static_cast<size_t>(gold)], width, false);
    for (int64_t predicted = 0; predicted < table.labels; ++predicted) {
      text += "  " + padded(fmt::format("{}", table.at(gold, predicted)), width, true);
    }
  }
  return text;
}

}  // namespace bertune
