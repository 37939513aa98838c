// SPDX-License-Identifier: Apache-2.0
// A text file as the tasks read it: valid UTF-8 without byte order mark, taken line by line. What
// is in another encoding is refused or counted aloud, never read as something else in silence.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/io.h"

namespace bertune {

// The text of a file, which stays in the file: only parts in use take memory. Invalid parts become
// U+FFFD, counted aloud; then the whole is in memory.
class TextFile {
 public:
  // Throws Error{kSystem} for a file that is not there, {kInput} for UTF-16, UTF-32 and binary
  // files, which have NUL bytes.
  explicit TextFile(std::filesystem::path path);
  TextFile(const TextFile&) = delete;
  TextFile& operator=(const TextFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string_view text() const { return text_; }

  // `part` of text() is not needed for now: its memory is given back.
  void forget(std::string_view part) const;

 private:
  bool check() const;

  std::filesystem::path path_;
  MappedFile file_;
  std::string repaired_;  // of a file that is not valid UTF-8
  std::string_view text_;
};

// What of a text a reader has passed, whose memory is given back behind it in large pieces.
class PassedText {
 public:
  explicit PassedText(const TextFile& file) : file_(file), kept_(file.text().data()) {}

  void pass_to(const char* end);  // `end` lies in the text, or is its end
  void rewind() { kept_ = file_.text().data(); }

 private:
  const TextFile& file_;
  const char* kept_;  // what stands before it was given back
};

// Only blanks, tabs and line ends.
bool is_blank(std::string_view text);

// The lines of a text, without their \n or \r\n.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line);                     // false: there is none left
  int64_t number() const { return number_; }             // of the line that next() gave, from 1
  const char* position() const { return rest_.data(); }  // behind that line

 private:
  std::string_view rest_;
  int64_t number_ = 0;
};

// "it holds dev.tsv, train.tsv": what an error tells of a folder's content.
std::string describe_folder(const std::filesystem::path& folder);

}  // namespace bertune
