// SPDX-License-Identifier: Apache-2.0
// Reads inputs from a JSON Lines file. Each line is a string, or an object with the parts of an
// input.
#pragma once

#include <cstdint>
#include <fstream>
#include <istream>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "tasks/task.h"

namespace bertune {

class InputLines {
 public:
  // Reads inputs for `task`; "-" is standard input. Throws Error{kSystem}.
  InputLines(const std::string& file, const Task& task);

  // Up to `count` more inputs; empty at the end of the file. Blank lines are skipped, invalid UTF-8
  // is replaced. Throws Error{kInput}, with the line number, if a line is not an input of the task.
  std::vector<Input> next(size_t count);

 private:
  Input read(const std::string& line) const;

  std::string file_;
  const Task& task_;
  std::ifstream stream_;
  std::istream& in_;
  int64_t line_ = 0;
};

}  // namespace bertune
