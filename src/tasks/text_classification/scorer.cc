// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/scorer.h"

#include <algorithm>

#include "base/check.h"
#include "bertune/error.h"
#include "tasks/labels.h"
#include "tasks/text_classification/windows.h"

namespace bertune {
namespace {

std::vector<TextMetric> choose_metrics(const Reading& reading, const GlueTask* glue) {
  using enum TextMetric;
  if (glue != nullptr && glue->labels.empty() == reading.regression) return glue->metrics;
  if (reading.regression) return {kPearson, kSpearman};
  if (reading.labels.size() == 2) return {kAccuracy, kF1, kF1Macro, kMatthews};
  return {kAccuracy, kF1Macro, kMatthews};
}

ConfusionTable empty_table(const Reading& reading) {
  return count_confusion({}, {}, static_cast<int64_t>(reading.labels.size()));
}

}  // namespace

std::vector<std::string> metric_names(const Reading& reading, const TextInfo& info) {
  std::vector<std::string> names;
  for (const std::filesystem::path& file : info.files) {
    const std::string suffix =
        info.files.size() == 1 ? "" : file.stem().string().substr(sizeof("dev") - 1);
    for (const TextMetric metric : choose_metrics(reading, info.glue)) {
      names.push_back(name_of(metric) + suffix);
    }
  }
  return names;
}

TextScorer::TextScorer(const Reading& reading, const TextInfo& info)
    : reading_(reading),
      metrics_(choose_metrics(reading, info.glue)),
      names_(metric_names(reading, info)),
      files_(info.files),
      scores_(files_.size(), FileScore{empty_table(reading), {}, {}}) {}

void TextScorer::add(const TextData& data, std::span<const LabelScore> predictions) {
  CHECK(predictions.size() == data.examples.size());
  const auto file = std::find(files_.begin(), files_.end(), data.path);
  CHECK(file != files_.end());
  FileScore& score = scores_[static_cast<size_t>(file - files_.begin())];
  reading_.regression ? add_numbers(data, predictions, score)
                      : add_classes(data, predictions, score);
}

void TextScorer::add_numbers(const TextData& data, std::span<const LabelScore> predictions,
                             FileScore& score) {
  const std::vector<double> gold = number_targets(data);
  score.gold.insert(score.gold.end(), gold.begin(), gold.end());
  for (const LabelScore& prediction : predictions) score.predicted.push_back(prediction.score);
}

void TextScorer::add_classes(const TextData& data, std::span<const LabelScore> predictions,
                             FileScore& score) {
  score.table.add(count_confusion(class_targets(data, reading_.labels), classes_of(predictions),
                                  score.table.labels));
}

std::vector<int32_t> TextScorer::classes_of(std::span<const LabelScore> predictions) const {
  const LabelIndex index(reading_.labels);
  std::vector<int32_t> classes;
  for (const LabelScore& prediction : predictions) {
    classes.push_back(index.find(prediction.label));
    if (classes.back() >= 0) continue;
    throw Error(ErrorKind::kInput,
                "a prediction's " + describe_unknown_label(prediction.label, reading_.labels),
                "the predictions are of another dataset or of a model with other labels");
  }
  return classes;
}

ConfusionTable TextScorer::confusion() const {
  ConfusionTable sum = empty_table(reading_);
  for (const FileScore& score : scores_) sum.add(score.table);
  return sum;
}

Metrics TextScorer::metrics_of(const FileScore& score) const {
  if (reading_.regression) return score_numbers(score.gold, score.predicted, metrics_);
  return score_classes(score.table, metrics_);
}

Metrics TextScorer::metrics() const {
  std::vector<double> values;
  for (const FileScore& score : scores_) {
    for (const auto& [name, value] : metrics_of(score)) values.push_back(value);
  }
  return with_names(names_, values);
}

}  // namespace bertune
