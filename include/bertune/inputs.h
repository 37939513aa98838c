// SPDX-License-Identifier: Apache-2.0
// Reads inputs for Predictor::predict from a file of any length, a block at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "bertune/results.h"

namespace bertune {

// Reads JSON Lines. Each line is a string, or an object with the parts of an input by name:
// {"context", "question"}, {"text"} or {"text", "text_pair"}. For text and token classification it
// also reads TSV and CSV files, by their endings .tsv and .csv: the text or pair of each row, in
// columns that are found as in training data. Predictor::read_inputs knows those of the model.
class InputReader {
 public:
  // Reads inputs for `task`; "-" is standard input, for JSON Lines. Throws Error{kSystem} if the
  // file cannot be read, {kUsage} if the task is unknown, {kInput} if a table has no text column.
  InputReader(const std::string& file, const std::string& task);
  InputReader(InputReader&&) noexcept;
  InputReader& operator=(InputReader&&) noexcept;
  ~InputReader();

  // Up to `count` more inputs; empty at the end of the file. Blank lines are skipped, invalid UTF-8
  // becomes U+FFFD. Throws Error{kInput}, with the line number, if a line or row is not an input of
  // the task.
  std::vector<Input> next(size_t count);

 private:
  friend class Predictor;
  struct State;
  explicit InputReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bertune
