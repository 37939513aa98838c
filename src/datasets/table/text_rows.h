// SPDX-License-Identifier: Apache-2.0
// The texts of a TSV or CSV file that are to be predicted: the columns are found as in training
// data, but a label is not needed and not read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "datasets/input_file.h"
#include "datasets/table/columns.h"
#include "datasets/table/delimited.h"
#include "datasets/table/table.h"

namespace bertune {

class TextRows {
 public:
  // Whether the name of a file says that it is a table: .tsv or .csv.
  static bool is_table(const std::filesystem::path& path);

  // `kept`: the columns of the training data. Throws Error{kSystem, kInput} as TextReader does.
  TextRows(const std::filesystem::path& path, const TextColumns& kept);
  TextRows(const TextRows&) = delete;
  TextRows& operator=(const TextRows&) = delete;

  // The next texts; nothing at the end. Throws Error{kInput} with the line for a ragged row.
  std::optional<TextExample> next();

  bool pairs() const { return indices_.text_pair >= 0; }
  std::string place() const;  // of the last row: "'FILE', line 3"

 private:
  TextFile file_;
  DelimitedReader rows_;
  PassedText passed_;
  ColumnIndices indices_;
  size_t width_ = 0;       // fields of a row
  bool is_first_ = false;  // whether the row that was read is the first example
};

}  // namespace bertune
