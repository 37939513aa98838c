// SPDX-License-Identifier: Apache-2.0
#include "datasets/tagged/conll.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "bertune/error.h"

namespace bertune {
namespace {

// Splits at tabs if the line has one, else at runs of blanks.
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

// A line of a byte order mark alone is left behind when files are joined.
bool ends_text(std::string_view line) {
  return is_blank(line) || line == kByteOrderMark || line.starts_with("-DOCSTART-");
}

}  // namespace

bool ConllReader::next(TaggedText& text) {
  WrittenTags written;
  for (std::string_view line; lines_.next(line);) {
    if (written.words.empty() && is_comment(line)) continue;
    if (!ends_text(line)) {
      read_word(line, written);
    } else if (!written.words.empty()) {
      break;
    }
  }
  passed_.pass_to(lines_.position());
  if (written.words.empty()) return false;
  text = read_tags(file_.path(), written, census_);
  return true;
}

// A text may begin with the word #. A line is therefore a comment only if its columns differ from
// those of the next line that does not begin with #.
bool ConllReader::is_comment(std::string_view line) const {
  constexpr int kMostComments = 64;
  if (!line.starts_with('#')) return false;
  LineReader rest = lines_;
  std::string_view next = line;
  for (int i = 0; i < kMostComments && next.starts_with('#'); ++i) {
    if (!rest.next(next)) return false;
  }
  if (ends_text(next) || next.starts_with('#')) return false;
  const auto has_tabs = [](std::string_view text) { return text.find('\t') != text.npos; };
  return has_tabs(line) != has_tabs(next) ||
         split_columns(line).size() != split_columns(next).size();
}

void ConllReader::read_word(std::string_view line, WrittenTags& text) {
  const std::vector<std::string_view> fields = split_columns(line);
  check_count(fields.size());
  const auto count = static_cast<int64_t>(fields.size());
  const int64_t tag = columns_.tag == 0 ? count : columns_.tag;
  text.words.emplace_back(fields[columns_.word - 1]);
  text.tags.emplace_back(fields[tag - 1]);
  text.places.push_back(fmt::format("line {}", lines_.number()));
}

void ConllReader::check_count(size_t count) {
  if (count_ == 0) {
    count_ = count;
    const auto last = static_cast<size_t>(std::max({columns_.word, columns_.tag, int64_t{2}}));
    if (last > count) {
      fail(fmt::format("there are {} columns, but column {} is needed", count, last),
           "a line is a word and its tags, separated by blanks or tabs; " + option("word_column") +
               " and " + option("tag_column") + " count from 1");
    }
  }
  if (count == count_) return;
  fail(fmt::format("{} columns, but the lines before have {}", count, count_),
       "every line has the same columns; a file with tabs is split at tabs only");
}

void ConllReader::fail(const std::string& what, const std::string& hint) const {
  throw Error(ErrorKind::kInput,
              fmt::format("'{}', line {}: {}", file_.path().string(), lines_.number(), what), hint);
}

}  // namespace bertune
