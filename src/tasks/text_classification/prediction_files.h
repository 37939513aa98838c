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
#include "tasks/text_classification/metrics.h"

namespace bertune {

// JSON lines of {"label", "score"}, one for each example in order.
std::string label_lines(std::span<const LabelScore> predictions);

// Reads such a file of `count` examples. Throws Error{kSystem, kInput}.
std::vector<LabelScore> read_label_lines(const std::filesystem::path& path, size_t count);

// {"labels": [...], "counts": [[...], ...]}: a row for each gold label.
std::string confusion_json(const ConfusionTable& table, const Labels& labels);

// A readable table: gold labels as rows, predicted ones as columns.
std::string confusion_text(const ConfusionTable& table, const Labels& labels);

}  // namespace bertune
