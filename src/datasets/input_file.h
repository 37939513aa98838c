// SPDX-License-Identifier: Apache-2.0
// Input text as all readers see it: valid UTF-8 without a byte order mark. UTF-16, UTF-32 and
// binary files are refused, invalid UTF-8 is replaced and counted; these rules are here only.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/io.h"

namespace bertune {

inline constexpr std::string_view kByteOrderMark = "\uFEFF";

// The text of a file, checked as a whole when it is opened. The text stays in the file: only the
// parts in use take memory. If it is not valid UTF-8, the repaired text is in memory as a whole.
class TextFile {
 public:
  // Logs how many invalid parts were replaced by U+FFFD. Throws Error{kSystem} if the file does not
  // exist, {kInput} for UTF-16, UTF-32 and binary files, which have NUL bytes.
  explicit TextFile(std::filesystem::path path);
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string_view text() const { return text_; }

  // The file that text() lies in; nullptr if the text was repaired.
  const MappedFile* mapped() const { return repaired_.empty() ? &file_ : nullptr; }

 private:
  bool check() const;

  std::filesystem::path path_;
  MappedFile file_;
  std::string repaired_;
  std::string_view text_;
};

// The part of a text that a reader has passed. Its memory is released in large blocks.
class PassedText {
 public:
  explicit PassedText(const TextFile& file) : PassedText(file.mapped(), file.text().data()) {}
  // `file` may be nullptr: nothing is released.
  PassedText(const MappedFile* file, const char* begin)
      : file_(file), begin_(begin), kept_(begin) {}

  void pass_to(const char* end);  // `end` lies in the text, or is its end
  void rewind() { kept_ = begin_; }

 private:
  const MappedFile* file_;
  const char* begin_;
  const char* kept_;  // everything before was released
};

// Whether a text has only blanks, tabs and line ends.
bool is_blank(std::string_view text);

// The lines of a text, without their \n or \r\n.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line);                     // false at the end
  int64_t number() const { return number_; }             // of the line that next() gave, from 1
  const char* position() const { return rest_.data(); }  // after that line

 private:
  std::string_view rest_;
  int64_t number_ = 0;
};

// The lines of a file of any size, each checked when it is read: opening the file takes no time,
// and invalid UTF-8 takes no memory.
class CheckedLines {
 public:
  // Throws Error{kSystem} if the file does not exist, {kInput} for UTF-16 and UTF-32.
  explicit CheckedLines(std::filesystem::path path);
  CheckedLines(const CheckedLines&) = delete;
  CheckedLines& operator=(const CheckedLines&) = delete;

  std::string_view text() const { return text_; }  // not checked

  // Replaces `line` by the next one, repaired if need be; false at the end. Throws Error{kInput}
  // for a line with a NUL byte.
  bool next(std::string& line);
  void rewind();

  // Logs how many lines were repaired.
  void report() const;

 private:
  std::filesystem::path path_;
  MappedFile file_;
  std::string_view text_;
  LineReader lines_;
  PassedText passed_;
  int64_t repaired_ = 0;
  int64_t first_repaired_ = 0;
};

}  // namespace bertune
