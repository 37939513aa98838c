// SPDX-License-Identifier: Apache-2.0
// The tasks of GLUE (Wang et al. 2018): the columns of their files, the order of their labels and
// what they are scored by. A file is recognised by its first lines.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/text_classification/metrics.h"

namespace bertune {

struct GlueTask {
  const char* name;
  const char* text;  // column names; of CoLA, which has no header, the numbers of the columns
  const char* text_pair = "";
  const char* label;
  std::vector<std::string> others = {};  // columns that tell its files from somebody's own
  size_t columns = 0;                    // all columns; 0: the number does not matter
  std::vector<std::string> written;      // labels 0, 1, ... as the files have them; none: numbers
  std::vector<std::string> labels;       // and as config.json names them
  std::vector<TextMetric> metrics;

  bool has_header() const { return *text < '0' || *text > '9'; }
};

// The task whose train or dev file begins with these two rows; null when there is none. test.tsv
// has other columns and is read as any file.
const GlueTask* recognize_glue(std::span<const std::string> first,
                               std::span<const std::string> second);

}  // namespace bertune
