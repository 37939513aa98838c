// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/scorer.h"

#include <algorithm>

#include "base/check.h"
#include "bertune/error.h"
#include "datasets/table/glue.h"
#include "tasks/labels.h"
#include "tasks/text_classification/windows.h"

namespace bertune {
namespace {

// The metrics of a data set without a GLUE task.
std::vector<TextMetric> usual_metrics(const Reading& reading) {
  using enum TextMetric;
  if (reading.regression) return {kPearson, kSpearman};
  if (reading.labels.size() == 2) return {kAccuracy, kF1, kF1Macro, kMatthews};
  return {kAccuracy, kF1Macro, kMatthews};
}

// The part of `values`, one for each example of `data`, that belongs to a source.
template <typename T>
std::span<const T> part_of(std::span<const T> values, const TextData& data, size_t source) {
  const size_t begin = data.sources[source].begin;
  const bool last = source + 1 == data.sources.size();
  const size_t end = last ? values.size() : data.sources[source + 1].begin;
  return values.subspan(begin, end - begin);
}

}  // namespace

TextScorer::TextScorer(const Reading& reading, const GlueTask* glue)
    : reading_(reading), metrics_(glue != nullptr ? glue->metrics : usual_metrics(reading)) {}

void TextScorer::add(const TextData& data, std::span<const LabelScore> predictions) {
  CHECK(predictions.size() == data.examples.size());
  reading_.regression ? add_numbers(data, predictions) : add_classes(data, predictions);
}

TextScorer::FileScore& TextScorer::score_of(const std::filesystem::path& path) {
  const auto found = std::find_if(scores_.begin(), scores_.end(),
                                  [&](const FileScore& score) { return score.path == path; });
  if (found != scores_.end()) return *found;
  const auto labels = static_cast<int64_t>(reading_.labels.size());
  return scores_.emplace_back(FileScore{path, count_confusion({}, {}, labels), {}, {}});
}

void TextScorer::add_numbers(const TextData& data, std::span<const LabelScore> predictions) {
  const std::vector<double> gold = number_targets(data);
  for (size_t s = 0; s < data.sources.size(); ++s) {
    FileScore& score = score_of(data.sources[s].path);
    const auto part = part_of(std::span(gold), data, s);
    score.gold.insert(score.gold.end(), part.begin(), part.end());
    for (const LabelScore& prediction : part_of(predictions, data, s)) {
      score.predicted.push_back(prediction.score);
    }
  }
}

void TextScorer::add_classes(const TextData& data, std::span<const LabelScore> predictions) {
  const auto labels = static_cast<int64_t>(reading_.labels.size());
  const std::vector<int32_t> gold = class_targets(data, reading_.labels);
  const std::vector<int32_t> predicted = classes_of(predictions);
  for (size_t s = 0; s < data.sources.size(); ++s) {
    score_of(data.sources[s].path)
        .table.add(count_confusion(part_of(std::span(gold), data, s),
                                   part_of(std::span(predicted), data, s), labels));
  }
}

std::vector<int32_t> TextScorer::classes_of(std::span<const LabelScore> predictions) const {
  const LabelIndex index(reading_.labels);
  std::vector<int32_t> classes;
  for (const LabelScore& prediction : predictions) {
    classes.push_back(index.find(prediction.label));
    if (classes.back() >= 0) continue;
    throw Error(ErrorKind::kInput,
                "a prediction's " + describe_unknown_label(prediction.label, reading_.labels),
                "the predictions are of another data set or of a model with other labels");
  }
  return classes;
}

ConfusionTable TextScorer::confusion() const {
  ConfusionTable sum = count_confusion({}, {}, static_cast<int64_t>(reading_.labels.size()));
  for (const FileScore& score : scores_) sum.add(score.table);
  return sum;
}

Metrics TextScorer::metrics_of(const FileScore& score) const {
  if (reading_.regression) return score_numbers(score.gold, score.predicted, metrics_);
  return score_classes(score.table, metrics_);
}

Metrics TextScorer::metrics() const {
  if (scores_.size() == 1) return metrics_of(scores_.front());
  Metrics metrics;
  for (const FileScore& score : scores_) {
    const std::string suffix = score.path.stem().string().substr(sizeof("dev") - 1);
    for (const auto& [name, value] : metrics_of(score)) metrics.emplace_back(name + suffix, value);
  }
  return metrics;
}

}  // namespace bertune
