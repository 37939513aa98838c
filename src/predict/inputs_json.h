// SPDX-License-Identifier: Apache-2.0
// Inputs from a file of JSON lines: each a text, or an object of the parts of an input by name.
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
  // Inputs that `task` can read. "-" reads standard input. Throws Error{kSystem}.
  InputLines(const std::string& file, const Task& task);

  // At most `count` more inputs; none at the end. Empty lines are left out, invalid UTF-8 is
  // replaced. Throws Error{kInput} with the number of a line that is no input.
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
