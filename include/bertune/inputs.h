// SPDX-License-Identifier: Apache-2.0
// Inputs from a file of any length.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bertune/results.h"

namespace bertune {

// Reads JSON lines: each a text, or an object with the parts of an input by name: {"context",
// "question"}, {"text"}, {"text", "text_pair"}.
class InputReader {
 public:
  // Inputs for `task`. "-" reads standard input. Throws Error{kSystem}; {kUsage} for an unknown
  // task.
  InputReader(const std::string& file, const std::string& task);
  InputReader(InputReader&&) noexcept;
  InputReader& operator=(InputReader&&) noexcept;
  ~InputReader();

  // At most `count` more inputs; none at the end. Empty lines are skipped, invalid UTF-8 becomes
  // U+FFFD. Throws Error{kInput} with the number of a line that is no input of the task.
  std::vector<Input> next(size_t count);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bertune
