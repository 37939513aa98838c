// SPDX-License-Identifier: Apache-2.0
// Reads text classification data from TSV, CSV or JSON, with the columns found by their names. JSON
// is found by content, CSV by the ending .csv or a first line without tabs. GLUE's files are
// recognised.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/json/records.h"
#include "datasets/json/text.h"
#include "datasets/stream.h"
#include "datasets/table/columns.h"
#include "datasets/table/delimited.h"
#include "datasets/table/glue.h"
#include "datasets/table/table.h"

namespace bertune {

// Rows of GLUE's files with missing fields are left out.
class TextReader {
 public:
  using Data = TextData;
  using Info = TextInfo;
  static constexpr NothingFound kEmpty{"example",
                                       "give a file with at least one row below its header"};
  static const KnownFiles& known_files();

  // `kept`: columns of other data, used if `columns` has none and the file has them. Throws
  // Error{kSystem, kInput}, also for a column that is missing in a header.
  TextReader(const Dataset& dataset, Split split, TextColumns columns = {}, TextColumns kept = {});
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  // Appends the next example; false at the end. Throws Error{kInput} with the line for a ragged
  // row, a record without a column, a row without a label, a label column that is neither 0 nor 1.
  bool next(TextData& data);
  void rewind();

  void complete(TextInfo& info) const;
  // Logs GLUE's task, labels that are numbers, dropped rows and empty texts.
  void report() const;

 private:
  const std::filesystem::path& path() const { return file_.path(); }
  bool read_header(const DelimitedReader& first);
  void recognize_columns(const DelimitedReader& first);
  bool next_row(TextData& data);
  bool is_whole(const DelimitedReader& row);
  bool next_record(TextData& data);
  void add(TextExample example, const std::string& place, TextData& data);
  void set_labels(const JsonRecord& record, const std::string& key, TextExample& example);
  // As label or labels of the example, by the names of the columns and their values.
  template <typename Value>
  void set_labels(const ColumnIndices& found, std::span<const std::string> names,
                  const Value& value_of, const std::string& place, TextExample& example);
  std::vector<std::string> split_labels(std::string_view cell) const;
  bool is_set(const std::string& name, const std::string& value, const std::string& place) const;
  std::string label_of(const std::string& written, const std::string& place);
  std::string named(const std::string& label);
  std::string at(const std::string& place) const;

  JsonText file_;  // whose text may be JSON
  TextColumns columns_;
  TextColumns kept_;
  const GlueTask* glue_ = nullptr;
  bool pairs_ = false;        // as far as the file was read
  bool multi_label_ = false;  // likewise
  std::vector<std::string> label_columns_;

  std::optional<JsonRecords> records_;   // of JSON
  std::optional<DelimitedReader> rows_;  // of anything else
  PassedText passed_;
  bool has_header_ = false;
  std::vector<std::string> header_;
  ColumnIndices indices_;
  size_t width_ = 0;  // fields of a row

  std::vector<std::string> names_;  // TextColumns::names
  bool numbered_ = false;           // whether a label is a number that has a name
  int64_t dropped_ = 0;
  int64_t empty_ = 0;
  std::string first_empty_;
};

using TextStream = Stream<TextReader>;

}  // namespace bertune
