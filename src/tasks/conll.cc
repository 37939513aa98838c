// The columns of the CoNLL shared tasks: a word a line, its annotations beside it, a blank line
// between texts. SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>

#include "bertune/error.h"
#include "tasks/tagged_reader.h"
#include "tasks/text_file.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// At tabs where the line has one, else at runs of blanks.
std::vector<std::string_view> split_columns(std::string_view line) {
  const bool tabs = line.find('\t') != std::string_view::npos;
  std::vector<std::string_view> columns;
  for (size_t begin = 0; begin <= line.size();) {
    const size_t end = std::min(line.find(tabs ? '\t' : ' ', begin), line.size());
    if (tabs || end > begin) columns.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return columns;
}

// A byte order mark alone is what joining files leaves behind.
bool ends_text(std::string_view line) {
  return is_blank(line) || line == "\uFEFF" || line.starts_with("-DOCSTART-");
}

class ConllReader {
 public:
  ConllReader(const fs::path& path, const TaggedColumns& columns)
      : path_(path), columns_(columns), collector_(path) {}

  TaggedData read(std::string_view text);

 private:
  void read_word(std::string_view line, int64_t number);
  void check_count(size_t count, int64_t number);
  void end_text();
  [[noreturn]] void fail(int64_t line, const std::string& what, const char* hint) const;

  const fs::path& path_;
  TaggedColumns columns_;
  TagCollector collector_;
  WrittenTags text_;
  size_t count_ = 0;  // columns of the file
};

TaggedData ConllReader::read(std::string_view text) {
  LineReader lines(text);
  for (std::string_view line; lines.next(line);) {
    if (ends_text(line)) {
      end_text();
    } else {
      read_word(line, lines.number());
    }
  }
  end_text();
  return collector_.finish(columns_.scheme);
}

void ConllReader::read_word(std::string_view line, int64_t number) {
  const std::vector<std::string_view> fields = split_columns(line);
  check_count(fields.size(), number);
  const auto count = static_cast<int64_t>(fields.size());
  const int64_t tag = columns_.tag == 0 ? count : columns_.tag;
  text_.words.emplace_back(fields[columns_.word - 1]);
  text_.tags.emplace_back(fields[tag - 1]);
  text_.places.push_back(fmt::format("line {}", number));
}

void ConllReader::check_count(size_t count, int64_t number) {
  if (count_ == 0) {
    count_ = count;
    const auto last = static_cast<size_t>(std::max({columns_.word, columns_.tag, int64_t{2}}));
    if (last > count) {
      fail(number, fmt::format("there are {} columns, but column {} is needed", count, last),
           "a line is a word and its tags, between blanks or tabs; --word-column and --tag-column "
           "count from 1");
    }
  }
  if (count == count_) return;
  fail(number, fmt::format("{} columns, but the lines before have {}", count, count_),
       "every line has the same columns; a file with tabs is split at tabs only");
}

void ConllReader::end_text() {
  if (!text_.words.empty()) collector_.add(std::move(text_));
  text_ = {};
}

void ConllReader::fail(int64_t line, const std::string& what, const char* hint) const {
  throw Error(ErrorKind::kInput, fmt::format("'{}', line {}: {}", path_.string(), line, what),
              hint);
}

}  // namespace

TaggedData read_conll(const fs::path& path, std::string_view text, const TaggedColumns& columns) {
  return ConllReader(path, columns).read(text);
}

}  // namespace bertune
