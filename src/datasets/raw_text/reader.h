// SPDX-License-Identifier: Apache-2.0
// Raw text for masked language modelling: plain text, JSON records of texts, or JSON records of
// windows that were masked elsewhere. The format is found by content. Tokenizing is left to tasks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "datasets/input_file.h"
#include "datasets/json/records.h"
#include "datasets/json/text.h"
#include "datasets/stream.h"

namespace bertune {

// A line of plain text or the text of a record.
struct RawText {
  std::string text;  // valid UTF-8
  bool ends_document = false;
};

// A window with [CLS] and [SEP] whose tokens were masked elsewhere.
struct MaskedRecord {
  std::vector<int32_t> ids;
  std::vector<int32_t> labels;  // [ids] the masked token, or a negative number
  std::string place;            // "'FILE', line 3"
};

// A part of a dataset; all of it is of one kind.
struct RawTextData {
  std::vector<RawText> texts;
  std::vector<MaskedRecord> masked;

  size_t size() const { return texts.size() + masked.size(); }
};

struct RawTextInfo : DatasetInfo {
  void add(const RawTextData& part);  // counts texts that are not blank, and records
};

// * plain text: lines of a document follow each other, a blank line ends it;
// * JSON lines of {"text": "..."}, each a document;
// * JSON lines of {"input_ids": [...], "labels": [...]}: masked windows, with -100 where no token
// is
//   predicted.
// Invalid UTF-8 of plain text is replaced and counted by line.
class RawTextReader {
 public:
  using Data = RawTextData;
  using Info = RawTextInfo;
  static constexpr NothingFound kEmpty{"text", "give a file with at least one line of text"};
  static const char* const kLayout;  // of records, for the hints of errors
  static const KnownFiles& known_files();

  // Throws Error{kSystem, kInput}.
  RawTextReader(const Dataset& dataset, Split split);
  RawTextReader(const RawTextReader&) = delete;
  RawTextReader& operator=(const RawTextReader&) = delete;

  // Appends a block of lines or one record; false at the end. Throws Error{kInput}.
  bool next(RawTextData& data);
  void rewind();

  void complete(RawTextInfo&) const {}
  void report() const;

 private:
  bool next_block(RawTextData& data);
  bool next_record(RawTextData& data);

  std::filesystem::path path_;
  std::optional<CheckedLines> lines_;  // of plain text
  std::optional<JsonText> json_;       // of anything else
  std::optional<JsonRecords> records_;
  bool has_texts_ = false, has_masked_ = false;
};

using RawTextStream = Stream<RawTextReader>;

}  // namespace bertune
