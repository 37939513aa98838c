// SPDX-License-Identifier: Apache-2.0
// One file of text classification data, example by example: TSV, CSV or JSON, GLUE's files among
// them. Which files a data set has is in text_data.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "datasets/json/records.h"
#include "datasets/json/text.h"
#include "datasets/table/columns.h"
#include "datasets/table/delimited.h"
#include "datasets/table/glue.h"
#include "datasets/table/table.h"

namespace bertune {

class TextReader {
 public:
  // Throws as read_text_data does.
  TextReader(const std::filesystem::path& path, TextPurpose purpose, TextColumns columns,
             const TextColumns& kept);
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  // Appends the next example and its place; false: there was none left. Throws Error{kInput}.
  bool next(TextData& data);
  void rewind();

  const std::filesystem::path& path() const { return file_.path(); }
  const GlueTask* glue() const { return glue_; }
  bool pairs() const { return pairs_; }  // as far as it was read

  // Tells what was found in all that was read since the beginning.
  void report() const;

 private:
  bool read_header(const DelimitedReader& first);
  void recognize_columns(const DelimitedReader& first);
  bool next_row(TextData& data);
  bool is_whole(const DelimitedReader& row);
  bool next_record(TextData& data);
  void add(TextExample example, const std::string& place, TextData& data);
  std::string label_of(const std::string& written, const std::string& place) const;
  std::string at(const std::string& place) const;

  JsonText file_;  // whose text may be JSON
  TextPurpose purpose_;
  TextColumns columns_;
  TextColumns kept_;
  const GlueTask* glue_ = nullptr;
  bool pairs_ = false;

  std::optional<JsonRecords> records_;   // of JSON
  std::optional<DelimitedReader> rows_;  // of anything else
  PassedText passed_;
  bool has_header_ = false;
  ColumnIndices indices_;
  size_t width_ = 0;  // fields of a row

  int64_t dropped_ = 0;
  int64_t empty_ = 0;
  std::string first_empty_;
};

}  // namespace bertune
