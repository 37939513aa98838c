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

void require_count(const std::filesystem::path& path, size_t found, size_t wanted) {
  if (found == wanted) return;
  throw Error(ErrorKind::kInput,
              fmt::format("'{}' has {} predictions for {} examples", path.string(), found, wanted),
              "the file needs one line for each example of the dataset, in order");
}

constexpr const char* kLabelSetLayout =
    R"(a line is {"labels": ["...", ...]}, with {"scores": {"LABEL": 0.5, ...}} for all labels)";

// The index of a predicted label.
size_t index_in(const LabelIndex& index, const JsonRecord& record, const std::string& name,
                const Labels& labels) {
  const int32_t found = index.find(name);
  if (found < 0) record.fail(describe_unknown_label(name, labels));
  return static_cast<size_t>(found);
}

void read_scores(const JsonRecord& record, const LabelIndex& index, const Labels& labels,
                 std::span<double> scores) {
  size_t known = 0;
  for (const auto& [key, value] : record.object("scores")) {
    const std::string name(key);
    scores[index_in(index, record, name, labels)] = record.as<double>(value, name, "a number");
    ++known;
  }
  if (known != labels.size())
    record.fail(fmt::format("{} of {} labels have a score", known, labels.size()));
}

}  // namespace

std::string label_set_lines(const LabelSets& predicted, const Labels& labels) {
  std::string lines;
  for (size_t first = 0; first < predicted.chosen.size(); first += labels.size()) {
    std::string chosen, scores;
    for (size_t i = 0; i < labels.size(); ++i) {
      const std::string name = Json(labels[i]).dump();
      if (predicted.chosen[first + i] != 0) chosen += (chosen.empty() ? "" : ", ") + name;
      scores += fmt::format("{}{}: {}", scores.empty() ? "" : ", ", name,
                            python_repr(predicted.scores[first + i]));
    }
    lines += fmt::format("{{\"labels\": [{}], \"scores\": {{{}}}}}\n", chosen, scores);
  }
  return lines;
}

Labels scored_labels(const std::filesystem::path& path) {
  const JsonText json(path);
  JsonRecords records(json, kLabelSetLayout);
  const std::optional<JsonRecord> first = records.next();
  Labels labels;
  if (!first || !first->has("scores")) return labels;
  for (const auto& field : first->object("scores")) labels.emplace_back(field.key);
  return labels;
}

LabelSets read_label_sets(const std::filesystem::path& path, size_t count, const Labels& labels) {
  const LabelIndex index(labels);
  LabelSets sets;
  const JsonText json(path);
  JsonRecords records(json, kLabelSetLayout);
  size_t lines = 0;
  for (; const std::optional<JsonRecord> record = records.next(); ++lines) {
    const size_t first = sets.chosen.size();
    sets.chosen.resize(first + labels.size());
    for (const JsonRecord::Element label : record->array("labels")) {
      sets.chosen[first + index_in(index, *record, record->scalar(label, "labels"), labels)] = 1;
    }
    const bool scored = record->has("scores");
    if (scored == sets.scores.empty() && lines > 0)
      record->fail("some lines have \"scores\" and others have none");
    if (!scored) continue;
    sets.scores.resize(first + labels.size());
    read_scores(*record, index, labels, std::span(sets.scores).subspan(first));
  }
  require_count(path, lines, count);
  return sets;
}

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
  require_count(path, predictions.size(), count);
  return predictions;
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
