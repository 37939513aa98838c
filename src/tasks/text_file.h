// A text file as the tasks read it: valid UTF-8 without byte order mark, taken line by line. What
// is in another encoding is refused or counted aloud, never read as something else in silence.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace bertune {

// The whole file. Invalid parts become U+FFFD, counted aloud. Throws Error{kSystem} for a file that
// is not there, {kInput} for UTF-16, UTF-32 and binary files, which have NUL bytes.
std::string read_text_file(const std::filesystem::path& path);

// Only blanks, tabs and line ends.
bool is_blank(std::string_view text);

// The lines of a text, without their \n or \r\n.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : rest_(text) {}

  bool next(std::string_view& line);          // false: there is none left
  int64_t number() const { return number_; }  // of the line that next() gave, from 1

 private:
  std::string_view rest_;
  int64_t number_ = 0;
};

// "it holds dev.tsv, train.tsv": what an error tells of a folder's content.
std::string describe_folder(const std::filesystem::path& folder);

}  // namespace bertune
