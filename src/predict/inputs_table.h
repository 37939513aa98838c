// SPDX-License-Identifier: Apache-2.0
// Reads inputs from a TSV or CSV file: a text, or a pair of texts, of each row.
#pragma once

#include <string>
#include <vector>

#include "bertune/results.h"
#include "datasets/table/text_rows.h"
#include "tasks/task.h"

namespace bertune {

class InputRows {
 public:
  // Reads inputs for `task` by a model with this reading. Throws Error{kSystem, kInput}, {kUsage}
  // for a task whose inputs are not texts.
  InputRows(const std::string& file, const Task& task, const Reading& reading);

  // Up to `count` more inputs; empty at the end of the file. Throws Error{kInput} with the line for
  // a row that is not an input of the task.
  std::vector<Input> next(size_t count);

 private:
  const Task& task_;
  TextRows rows_;
  bool pairs_;
};

}  // namespace bertune
