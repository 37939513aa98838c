// SPDX-License-Identifier: Apache-2.0
#include "tasks/raw_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/io.h"
#include "base/log.h"
#include "bertune/error.h"
#include "tasks/json_records.h"
#include "tasks/text_file.h"
#include "tasks/tokenize_texts.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLinesInBlock = 4096;
constexpr std::string_view kByteOrderMark = "\uFEFF";
constexpr std::array kEndings{".txt", ".jsonl", ".json"};
constexpr const char* kLayout =
    "a record is {\"text\": \"...\"}, or a window of hidden words {\"input_ids\": [101, ..., 102], "
    "\"labels\": [-100, ...]}";

fs::path find_file(const fs::path& folder, RawTextPurpose purpose) {
  const std::vector<const char*> stems = purpose == RawTextPurpose::kTrain
                                             ? std::vector{"train"}
                                             : std::vector{"dev", "validation", "valid", "test"};
  for (const char* stem : stems) {
    for (const char* ending : kEndings) {
      std::error_code ignored;  // what cannot be looked at is not there
      const fs::path file = folder / (std::string(stem) + ending);
      if (fs::exists(file, ignored)) return file;
    }
  }
  throw Error(
      ErrorKind::kInput,
      fmt::format("'{}' has no file named {} with the ending {}: {}", folder.string(),
                  fmt::join(stems, " or "), fmt::join(kEndings, " or "), describe_folder(folder)),
      "name the file, or give a folder with such a file");
}

// The lines of a file of any size, a block at a time, as valid UTF-8.
class BlockReader {
 public:
  explicit BlockReader(const fs::path& path) : path_(path), stream_(path) {}

  // Empty at the end.
  std::vector<std::string> next();
  void warn() const;

 private:
  const fs::path& path_;
  std::ifstream stream_;
  int64_t line_ = 0;
  int64_t repaired_ = 0;
  int64_t first_repaired_ = 0;
};

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

void BlockReader::warn() const {
  if (repaired_ == 0) return;
  log_warning(
      "'{}': {} lines are not valid UTF-8, the first is line {}; what is not was replaced by "
      "U+FFFD",
      path_.string(), repaired_, first_repaired_);
}

// Cuts documents into windows as their tokens come.
class DocumentCutter {
 public:
  DocumentCutter(WindowSet& set, IdFile& ids, int32_t max_seq_length, int64_t max_windows)
      : set_(set), ids_(ids), room_(max_seq_length - 2), max_windows_(max_windows) {
    if (room_ >= 1) return;
    throw Error(ErrorKind::kUsage, fmt::format("--max-seq-length is {}", max_seq_length),
                "raise it, for example to 128");
  }

  bool is_full() const {
    return max_windows_ > 0 && static_cast<int64_t>(set_.windows.size()) >= max_windows_;
  }

  void add(std::span<const Token> tokens);
  void end_document();

 private:
  void emit(size_t count);

  WindowSet& set_;
  IdFile& ids_;  // of the windows of `set_`
  int32_t room_;
  int64_t max_windows_;
  std::vector<Token> document_;  // what is in no window yet
};

void DocumentCutter::add(std::span<const Token> tokens) {
  document_.insert(document_.end(), tokens.begin(), tokens.end());
  while (document_.size() > static_cast<size_t>(room_)) emit(room_);
}

void DocumentCutter::end_document() {
  if (!document_.empty()) emit(document_.size());
}

void DocumentCutter::emit(size_t count) {
  if (!is_full()) {
    const auto index = static_cast<int32_t>(set_.windows.size());
    set_.windows.push_back(
        {.example = index, .first = index, .first_length = static_cast<int32_t>(count)});
    std::vector<int32_t> ids(count);
    std::transform(document_.begin(), document_.begin() + static_cast<std::ptrdiff_t>(count),
                   ids.begin(), [](const Token& token) { return token.id; });
    ids_.append(ids);
  }
  document_.erase(document_.begin(), document_.begin() + static_cast<std::ptrdiff_t>(count));
}

void read_plain_text(const Tokenizer& tokenizer, const fs::path& path, DocumentCutter& cutter) {
  BlockReader reader(path);
  for (auto lines = reader.next(); !lines.empty() && !cutter.is_full(); lines = reader.next()) {
    const auto tokens = tokenize_texts(tokenizer, {lines.begin(), lines.end()});
    for (size_t i = 0; i < lines.size(); ++i) {
      is_blank(lines[i]) ? cutter.end_document() : cutter.add(tokens[i]);
    }
  }
  cutter.end_document();
  reader.warn();
}

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

// A window of hidden words as it stands in the file.
void read_hidden(const Tokenizer& tokenizer, const JsonRecord& record, int32_t max_seq_length,
                 WindowSet& set) {
  const std::vector<int32_t> ids = numbers(record, "input_ids");
  std::vector<int32_t> labels = numbers(record, "labels");
  const SpecialTokens& special = tokenizer.special();
  const auto pieces = static_cast<int32_t>(tokenizer.vocabulary().size());
  const auto is_piece = [&](int32_t id) { return id >= 0 && id < pieces; };
  if (ids.size() != labels.size()) {
    record.fail(fmt::format("{} input_ids, but {} labels", ids.size(), labels.size()));
  }
  if (ids.size() < 3 || ids.front() != special.cls || ids.back() != special.sep) {
    record.fail("input_ids do not begin with [CLS] and end with [SEP] around a text");
  }
  if (static_cast<int32_t>(ids.size()) > max_seq_length) {
    record.fail(
        fmt::format("{} input_ids, but --max-seq-length is {}", ids.size(), max_seq_length));
  }
  const bool known = std::all_of(ids.begin(), ids.end(), is_piece) &&
                     std::all_of(labels.begin(), labels.end(), [&](int32_t label) {
                       return label == kIgnoredTarget || is_piece(label);
                     });
  if (!known)
    record.fail(
        fmt::format("a number is no piece of the vocabulary, 0 to {}, nor -100", pieces - 1));
  const auto index = static_cast<int32_t>(set.windows.size());
  set.windows.push_back(
      {.example = index, .first = index, .first_length = static_cast<int32_t>(ids.size()) - 2});
  std::vector<Token>& text = set.texts.emplace_back();
  for (size_t i = 1; i + 1 < ids.size(); ++i) text.push_back({ids[i], 0, 0});
  set.token_targets.push_back(std::move(labels));
}

void read_json(const Tokenizer& tokenizer, const fs::path& path, int32_t max_seq_length,
               DocumentCutter& cutter, WindowSet& set) {
  const JsonText json(path);
  for_each_record(json, kLayout, [&](const JsonRecord& record) {
    if (cutter.is_full()) return;
    if (record.has("input_ids")) return read_hidden(tokenizer, record, max_seq_length, set);
    if (!set.token_targets.empty()) record.fail("the records before have input_ids");
    std::vector<Token> tokens;
    tokenizer.tokenize(record.string("text"), tokens);
    cutter.add(tokens);
    cutter.end_document();
  });
  if (set.token_targets.empty() || set.token_targets.size() == set.windows.size()) return;
  throw Error(ErrorKind::kInput, fmt::format("'{}' has texts as well as input_ids", path.string()),
              kLayout);
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

}  // namespace

WindowSet read_raw_text(const Tokenizer& tokenizer, const fs::path& path, RawTextPurpose purpose,
                        int32_t max_seq_length, int64_t max_windows) {
  std::error_code ignored;  // what is wrong with it is said below
  const fs::path file = fs::is_directory(path, ignored) ? find_file(path, purpose) : path;
  require_readable_file(file);
  WindowSet set;
  set.special = tokenizer.special();
  set.predicts_words = true;
  const auto ids = std::make_shared<IdFile>();
  DocumentCutter cutter(set, *ids, max_seq_length, max_windows);
  if (is_json(file)) {
    read_json(tokenizer, file, max_seq_length, cutter, set);
  } else {
    read_plain_text(tokenizer, file, cutter);
  }
  ids->finish();
  if (set.token_targets.empty()) set.id_file = ids;
  if (!set.windows.empty()) return set;
  throw Error(ErrorKind::kInput, fmt::format("'{}' holds no text", file.string()),
              "give a file with at least one line of text");
}

}  // namespace bertune
