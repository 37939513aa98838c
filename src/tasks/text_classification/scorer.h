// SPDX-License-Identifier: Apache-2.0
// Compares predictions of text classification with the labels of the data, part by part, and names
// the metrics.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "datasets/table/table.h"
#include "tasks/task.h"
#include "tasks/text_classification/metrics.h"

namespace bertune {

// The metrics of a dataset whose labels are read like this: those of its GLUE task, or the usual
// ones of numbers or classes. Each file has its own metrics: MNLI's two dev files are distinguished
// by a suffix.
std::vector<std::string> metric_names(const Reading& reading, const TextInfo& info);

class TextScorer {
 public:
  // `info` is that of the whole dataset. `reading` must outlive the scorer.
  TextScorer(const Reading& reading, const TextInfo& info);

  // Adds the predictions for all examples of `data`. Throws Error{kInput} for a label, of the data
  // or predicted, that is not among the reading's, and in regression for a label that is not a
  // number.
  void add(const TextData& data, std::span<const LabelScore> predictions);

  // Of all files together, for classes only.
  ConfusionTable confusion() const;

  // See metric_names.
  Metrics metrics() const;

 private:
  // Classes need only a table. The numbers of regression are kept, because their ranks are known
  // only after the last one.
  struct FileScore {
    ConfusionTable table;
    std::vector<double> gold, predicted;
  };

  void add_numbers(const TextData& data, std::span<const LabelScore> predictions, FileScore& score);
  void add_classes(const TextData& data, std::span<const LabelScore> predictions, FileScore& score);
  std::vector<int32_t> classes_of(std::span<const LabelScore> predictions) const;
  Metrics metrics_of(const FileScore& score) const;

  const Reading& reading_;
  std::vector<TextMetric> metrics_;
  std::vector<std::string> names_;
  std::vector<std::filesystem::path> files_;
  std::vector<FileScore> scores_;  // [files_]
};

}  // namespace bertune
