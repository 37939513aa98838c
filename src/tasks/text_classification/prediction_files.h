// SPDX-License-Identifier: Apache-2.0
// The content of the files of text classification: predictions and the confusion table. base/io
// writes them.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "tasks/labels.h"
#include "tasks/text_classification/label_sets.h"
#include "tasks/text_classification/metrics.h"

namespace bertune {

// JSON lines of {"label", "score"}, one for each example in order.
std::string label_lines(std::span<const LabelScore> predictions);

// Reads such a file of `count` examples. Throws Error{kSystem, kInput}.
std::vector<LabelScore> read_label_lines(const std::filesystem::path& path, size_t count);

// JSON lines of {"labels": [...], "scores": {"LABEL": ..., ...}}, one for each text in order:
// the predicted labels, and the scores of all.
std::string label_set_lines(const LabelSets& predicted, const Labels& labels);

// The labels that have scores in the first line of such a file; none if it has no "scores".
Labels scored_labels(const std::filesystem::path& path);

// Reads such a file of `count` texts; "scores" may be missing in all lines. Throws Error{kSystem,
// kInput}, also for a label that is not among `labels`.
LabelSets read_label_sets(const std::filesystem::path& path, size_t count, const Labels& labels);

// {"labels": [...], "counts": [[...], ...]}: a row for each gold label.
std::string confusion_json(const ConfusionTable& table, const Labels& labels);

// A readable table: gold labels as rows, predicted ones as columns.
std::string confusion_text(const ConfusionTable& table, const Labels& labels);

}  // namespace bertune
