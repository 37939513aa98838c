// SPDX-License-Identifier: Apache-2.0
// Rows of fields: tab-separated without any quoting, as GLUE's files are, or comma-separated with
// the quoting of RFC 4180. The reader knows what the columns mean.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/input_file.h"

namespace bertune {

enum class Delimited {
  kTsv,  // fields end at a tab, rows at a line's end; quotation marks are ordinary characters
  kCsv,  // a field in double quotes may hold commas, line ends and, doubled, quotes
};

class DelimitedReader {
 public:
  // `text` must outlive the reader; `path` is for errors.
  DelimitedReader(std::filesystem::path path, std::string_view text, Delimited format);

  // Reads the next row that is not a blank line; false at the end. Throws Error{kInput} for a quote
  // that is never closed and for text after a closing one.
  bool next();

  const std::vector<std::string>& fields() const { return fields_; }
  int64_t line() const { return line_; }                      // where the row begins, from 1
  const char* position() const { return lines_.position(); }  // in `text`, after the row

 private:
  void split_tabs(std::string_view line);
  void read_csv_row(std::string_view line);
  void read_quoted(std::string_view& rest);
  [[noreturn]] void fail(const std::string& what, const char* hint) const;

  std::filesystem::path path_;
  LineReader lines_;
  Delimited format_;
  std::vector<std::string> fields_;
  int64_t line_ = 0;
};

}  // namespace bertune
