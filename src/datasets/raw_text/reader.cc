// SPDX-License-Identifier: Apache-2.0
#include "datasets/raw_text/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string_view>

#include "base/log.h"
#include "bertune/error.h"
#include "datasets/input_file.h"
#include "text/encode_all.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLinesInBlock = 4096;
constexpr std::string_view kByteOrderMark = "\uFEFF";
constexpr const char* kLayout =
    "a record is {\"text\": \"...\"}, or a window of hidden words {\"input_ids\": [101, ..., 102], "
    "\"labels\": [-100, ...]}";

// What no int32_t can be becomes a number that is no piece of any vocabulary.
std::vector<int32_t> numbers(const JsonRecord& record, const char* key) {
  constexpr int64_t kLowest = std::numeric_limits<int32_t>::min();
  constexpr int64_t kHighest = std::numeric_limits<int32_t>::max();
  std::vector<int32_t> values;
  for (const JsonRecord::Element element : record.array(key)) {
    const auto value = record.as<int64_t>(element, key, "a list of whole numbers");
    values.push_back(static_cast<int32_t>(std::clamp(value, kLowest, kHighest)));
  }
  return values;
}

bool is_json(const fs::path& path) {
  std::ifstream stream(path);
  std::string mark(kByteOrderMark.size(), '\0');
  stream.read(mark.data(), static_cast<std::streamsize>(mark.size()));
  if (mark != kByteOrderMark) {
    stream.clear();
    stream.seekg(0);
  }
  char first = '\0';
  stream >> first;  // behind white space
  return path.extension() != ".txt" && (first == '{' || first == '[');
}

void append(std::span<const Token> window, WindowSet& set) {
  const auto index = static_cast<int32_t>(set.windows.size());
  set.windows.push_back(
      {.example = index, .first = index, .first_length = static_cast<int32_t>(window.size())});
  set.texts.emplace_back(window.begin(), window.end());
}

}  // namespace

std::vector<std::string> BlockReader::next() {
  std::vector<std::string> lines;
  for (std::string line; lines.size() < kLinesInBlock && std::getline(stream_, line);) {
    ++line_;
    const bool wide = line_ == 1 && (line.starts_with("\xFF\xFE") || line.starts_with("\xFE\xFF"));
    if (wide || line.find('\0') != line.npos) {
      throw Error(ErrorKind::kInput,
                  wide ? fmt::format("'{}' is UTF-16 or UTF-32, not UTF-8", path_.string())
                       : fmt::format("'{}', line {} has a NUL byte: it is UTF-16 or no text",
                                     path_.string(), line_),
                  "write it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE");
    }
    if (line_ == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    if (!is_valid_utf8(line)) {
      line = replace_invalid_utf8(line);
      if (repaired_++ == 0) first_repaired_ = line_;
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

void BlockReader::report() const {
  if (repaired_ == 0) return;
  log_warning(
      "'{}': {} lines are not valid UTF-8, the first is line {}; what is not was replaced by "
      "U+FFFD",
      path_.string(), repaired_, first_repaired_);
}

DocumentCutter::DocumentCutter(int32_t max_seq_length)
    : room_(static_cast<size_t>(std::max(max_seq_length - 2, 0))) {
  if (room_ >= 1) return;
  throw Error(ErrorKind::kUsage, fmt::format("--max-seq-length is {}", max_seq_length),
              "raise it, for example to 128");
}

void DocumentCutter::add(std::span<const Token> tokens, WindowSet& set) {
  document_.insert(document_.end(), tokens.begin(), tokens.end());
  const std::span<const Token> document(document_);
  size_t cut = 0;
  for (; document.size() - cut > room_; cut += room_) append(document.subspan(cut, room_), set);
  document_.erase(document_.begin(), document_.begin() + static_cast<std::ptrdiff_t>(cut));
}

void DocumentCutter::end_document(WindowSet& set) {
  if (!document_.empty()) append(document_, set);
  document_.clear();
}

RawTextReader::Json::Json(const fs::path& path) : text(path), records(text, kLayout) {}

RawTextReader::RawTextReader(const Tokenizer& tokenizer, const fs::path& file,
                             int32_t max_seq_length)
    : tokenizer_(tokenizer), max_seq_length_(max_seq_length), cutter_(max_seq_length) {
  require_readable_file(file);
  if (is_json(file)) {
    json_ = std::make_unique<Json>(file);
  } else {
    blocks_.emplace(file);
  }
}

void RawTextReader::report() const {
  if (blocks_) blocks_->report();
}

bool RawTextReader::next_block(WindowSet& set) {
  if (at_end_) return false;
  const std::vector<std::string> lines = blocks_->next();
  const auto tokens = tokenize_texts(tokenizer_, {lines.begin(), lines.end()});
  for (size_t i = 0; i < lines.size(); ++i) {
    is_blank(lines[i]) ? cutter_.end_document(set) : cutter_.add(tokens[i], set);
  }
  at_end_ = lines.empty();
  if (at_end_) cutter_.end_document(set);
  return true;
}

bool RawTextReader::next_record(WindowSet& set) {
  const std::optional<JsonRecord> record = json_->records.next();
  if (!record) return false;
  const bool hidden = record->has("input_ids");
  (hidden ? json_->has_hidden : json_->has_texts) = true;
  if (json_->has_hidden && json_->has_texts) {
    record->fail("some records have input_ids and others do not");
  }
  hidden ? read_hidden(*record, set) : read_text(*record, set);
  return true;
}

void RawTextReader::read_text(const JsonRecord& record, WindowSet& set) {
  std::vector<Token> tokens;
  tokenizer_.tokenize(record.string("text"), tokens);
  cutter_.add(tokens, set);
  cutter_.end_document(set);
}

// A window of hidden words as it stands in the file.
void RawTextReader::read_hidden(const JsonRecord& record, WindowSet& set) const {
  const std::vector<int32_t> ids = numbers(record, "input_ids");
  std::vector<int32_t> labels = numbers(record, "labels");
  const SpecialTokens& special = tokenizer_.special();
  const auto pieces = static_cast<int32_t>(tokenizer_.vocabulary().size());
  const auto is_piece = [&](int32_t id) { return id >= 0 && id < pieces; };
  if (ids.size() != labels.size()) {
    record.fail(fmt::format("{} input_ids, but {} labels", ids.size(), labels.size()));
  }
  if (ids.size() < 3 || ids.front() != special.cls || ids.back() != special.sep) {
    record.fail("input_ids do not begin with [CLS] and end with [SEP] around a text");
  }
  if (static_cast<int32_t>(ids.size()) > max_seq_length_) {
    record.fail(
        fmt::format("{} input_ids, but --max-seq-length is {}", ids.size(), max_seq_length_));
  }
  const bool known = std::all_of(ids.begin(), ids.end(), is_piece) &&
                     std::all_of(labels.begin(), labels.end(), [&](int32_t label) {
                       return label == kIgnoredTarget || is_piece(label);
                     });
  if (!known)
    record.fail(
        fmt::format("a number is no piece of the vocabulary, 0 to {}, nor -100", pieces - 1));
  std::vector<Token> text;
  for (size_t i = 1; i + 1 < ids.size(); ++i) text.push_back({ids[i], 0, 0});
  append(text, set);
  set.token_targets.push_back(std::move(labels));
}

}  // namespace bertune
