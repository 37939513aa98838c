// SPDX-License-Identifier: Apache-2.0
// Reading is strict and changes nothing; the warnings cover the most common mistakes.
#include "text/vocabulary.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/io.h"
#include "base/log.h"
#include "bertune/error.h"
#include "text/utf8.h"
#include "text/wordpiece.h"

namespace bertune {
namespace {

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// An id has 24 bits in the trie. The count is checked before the lines are stored, because a line
// takes more memory than its bytes.
void require_countable(std::string_view text, const std::string& path) {
  const auto lines = static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  if (lines < kNoPiece) return;
  throw Error(ErrorKind::kInput,
              fmt::format("{}: {} lines are too many for a vocabulary", path, lines),
              "a BERT vocabulary has some ten thousand pieces, one per line");
}

void drop_carriage_returns(std::vector<std::string>& lines) {
  const auto ends_in_return = [](const std::string& line) { return line.ends_with('\r'); };
  if (!std::all_of(lines.begin(), lines.end(), ends_in_return)) return;
  for (std::string& line : lines) line.pop_back();
}

void require_utf8(const std::vector<std::string>& lines, const std::string& path) {
  const auto bad = std::find_if_not(lines.begin(), lines.end(), is_valid_utf8);
  if (bad == lines.end()) return;
  throw Error(ErrorKind::kInput,
              fmt::format("{}: line {} is not valid UTF-8", path, bad - lines.begin() + 1),
              "convert the vocabulary to UTF-8, or fetch it again if the file is damaged");
}

// [PAD], [unused7] and <S> say nothing about the casing of a vocabulary.
bool is_bracketed(std::string_view piece) {
  return (piece.starts_with('[') && piece.ends_with(']')) ||
         (piece.starts_with('<') && piece.ends_with('>'));
}

bool has_capital(std::string_view piece) {
  return std::any_of(piece.begin(), piece.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

std::vector<std::string> read_vocabulary(const std::filesystem::path& path) {
  const MappedFile file(path);
  require_countable(file.text(), path.string());
  std::vector<std::string> lines = split_lines(file.text());
  if (lines.empty()) {
    throw Error(ErrorKind::kInput, path.string() + ": the vocabulary is empty",
                "vocab.txt has one piece per line; fetch or copy the file again");
  }
  require_utf8(lines, path.string());
  drop_carriage_returns(lines);
  return lines;
}

void warn_of_repeated_pieces(const std::vector<std::string>& vocabulary, std::string_view path) {
  std::unordered_map<std::string_view, size_t> seen;
  size_t repeated = 0;
  std::string example;
  for (size_t id = 0; id < vocabulary.size(); ++id) {
    const auto [first, is_new] = seen.emplace(vocabulary[id], id);
    if (is_new || vocabulary[id].empty()) continue;
    if (++repeated > 1) continue;
    example = fmt::format("'{}' in lines {} and {}", vocabulary[id], first->second + 1, id + 1);
  }
  if (repeated == 0) return;
  log_warning("{}: {} pieces occur more than once ({}); the last line is used", path, repeated,
              example);
}

void warn_of_odd_casing(const std::vector<std::string>& vocabulary, bool lower_case,
                        std::string_view path) {
  const auto capitals = std::count_if(
      vocabulary.begin(), vocabulary.end(),
      [](const std::string& piece) { return !is_bracketed(piece) && has_capital(piece); });
  const auto many = static_cast<int64_t>(vocabulary.size() / 100);
  if (lower_case && capitals > many) {
    log_warning(
        "{}: text is lower-cased, but {} of {} pieces have capital letters and will never "
        "match; do_lower_case=false keeps the case",
        path, capitals, vocabulary.size());
  }
  if (!lower_case && capitals == 0) {
    log_warning(
        "{}: text keeps its case, but none of {} pieces has a capital letter, so words "
        "with one will be unknown; do_lower_case=true lower-cases",
        path, vocabulary.size());
  }
}

}  // namespace bertune
