// SPDX-License-Identifier: Apache-2.0
// One file of text to learn words from, as windows, a few at a time; which file of a folder it is,
// raw_text finds out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "batch/window.h"
#include "datasets/json/records.h"
#include "datasets/json/text.h"
#include "bertune/tokenizer.h"

namespace bertune {

// The lines of a file of any size, a block at a time, as valid UTF-8.
class BlockReader {
 public:
  explicit BlockReader(const std::filesystem::path& path) : path_(path), stream_(path) {}

  // Empty at the end. Throws Error{kInput} for NUL bytes.
  std::vector<std::string> next();
  // Tells how many lines were not valid UTF-8.
  void report() const;

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  int64_t line_ = 0;
  int64_t repaired_ = 0;
  int64_t first_repaired_ = 0;
};

// Cuts documents into windows as their tokens come.
class DocumentCutter {
 public:
  // Throws Error{kUsage} where no room is left for a text.
  explicit DocumentCutter(int32_t max_seq_length);

  void add(std::span<const Token> tokens, WindowSet& set);
  void end_document(WindowSet& set);

 private:
  size_t room_;
  std::vector<Token> document_;  // what is in no window yet
};

class RawTextReader {
 public:
  // Throws as read_raw_text does.
  RawTextReader(const Tokenizer& tokenizer, const std::filesystem::path& file,
                int32_t max_seq_length);

  // Appends the next windows, a block's or a record's; false: there was nothing left to read.
  // Throws Error{kInput}.
  bool next(WindowSet& set) { return json_ ? next_record(set) : next_block(set); }
  // Tells what was replaced in all that was read.
  void report() const;

 private:
  struct Json {
    explicit Json(const std::filesystem::path& path);
    JsonText text;
    JsonRecords records;
    bool has_texts = false, has_hidden = false;
  };

  bool next_block(WindowSet& set);
  bool next_record(WindowSet& set);
  void read_text(const JsonRecord& record, WindowSet& set);
  void read_hidden(const JsonRecord& record, WindowSet& set) const;

  const Tokenizer& tokenizer_;
  int32_t max_seq_length_;
  DocumentCutter cutter_;
  std::unique_ptr<Json> json_;
  std::optional<BlockReader> blocks_;  // of plain text
  bool at_end_ = false;
};

}  // namespace bertune
