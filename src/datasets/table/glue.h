// SPDX-License-Identifier: Apache-2.0
// The tasks of GLUE (Wang et al. 2018): the columns of their files, the order of their labels and
// their metrics. A file is recognised by its first two rows.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

// Metrics of classes and, the last two, of numbers.
enum class TextMetric { kAccuracy, kF1, kF1Macro, kMatthews, kPearson, kSpearman };

struct GlueTask {
  const char* name;
  const char* text;  // column names, or column numbers for CoLA, which has no header
  const char* text_pair = "";
  const char* label;
  std::vector<std::string> others = {};  // columns that distinguish its files from other data
  size_t columns = 0;                    // number of all columns; 0: any
  std::vector<std::string> written;      // labels 0, 1, ... in the files; none: numbers
  std::vector<std::string> labels;       // their names in config.json
  std::vector<TextMetric> metrics;

  bool has_header() const { return *text < '0' || *text > '9'; }
};

// The task whose train or dev file begins with these two rows, or nullptr. test.tsv has other
// columns and is read like any other file.
const GlueTask* recognize_glue(std::span<const std::string> first,
                               std::span<const std::string> second);

}  // namespace bertune
