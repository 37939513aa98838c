// SPDX-License-Identifier: Apache-2.0
// Predictions of text classification against the labels of the data, which may come in parts.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "bertune/results.h"
#include "datasets/table/table.h"
#include "tasks/task.h"
#include "tasks/text_classification/metrics.h"

namespace bertune {

class TextScorer {
 public:
  // `glue`: the task whose data it is, or null. `reading` must outlive the scorer.
  TextScorer(const Reading& reading, const GlueTask* glue);

  // Adds the predictions of all examples of `data`. Throws Error{kInput} for a label, of the data
  // or predicted, that the reading lacks, and for what is no number in regression.
  void add(const TextData& data, std::span<const LabelScore> predictions);

  // Of all files together; of classes only.
  ConfusionTable confusion() const;

  // Of each file by itself: MNLI's two dev files are told apart by a suffix of the names.
  Metrics metrics() const;

 private:
  // Of a file. Classes need no more than a table; the numbers of regression are kept, because their
  // ranks are not known before the last.
  struct FileScore {
    std::filesystem::path path;
    ConfusionTable table;
    std::vector<double> gold, predicted;
  };

  FileScore& score_of(const std::filesystem::path& path);
  void add_numbers(const TextData& data, std::span<const LabelScore> predictions);
  void add_classes(const TextData& data, std::span<const LabelScore> predictions);
  std::vector<int32_t> classes_of(std::span<const LabelScore> predictions) const;
  Metrics metrics_of(const FileScore& score) const;

  const Reading& reading_;
  std::vector<TextMetric> metrics_;
  std::vector<FileScore> scores_;
};

}  // namespace bertune
