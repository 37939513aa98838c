// SPDX-License-Identifier: Apache-2.0
#include "datasets/input_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kReplacement = "\uFFFD";

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

int64_t count_replacements(std::string_view text) {
  int64_t count = 0;
  for (size_t at = text.find(kReplacement); at != std::string_view::npos;
       at = text.find(kReplacement, at + kReplacement.size())) {
    ++count;
  }
  return count;
}

[[noreturn]] void fail_encoding(const std::string& what) {
  throw Error(ErrorKind::kInput, what,
              "write it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE");
}

// Formats that data is often stored in, by the bytes that their files begin with.
struct BinaryFormat {
  std::string_view begin;
  const char* name;
  const char* hint;
};
constexpr BinaryFormat kBinaryFormats[] = {
    {"PAR1", "a Parquet file",
     "convert it to JSON lines, for example: python3 -c \"import pandas; "
     "pandas.read_parquet('FILE')"
     ".to_json('FILE.jsonl', orient='records', lines=True)\""},
    {"ARROW1", "an Arrow file",
     "convert it to JSON lines, for example: python3 -c \"import pandas; "
     "pandas.read_feather('FILE')"
     ".to_json('FILE.jsonl', orient='records', lines=True)\""},
    {"\x1F\x8B", "compressed with gzip", "unpack it: gunzip FILE"},
    {"BZh", "compressed with bzip2", "unpack it: bunzip2 FILE"},
    {"\xFD"
     "7zXZ",
     "compressed with xz", "unpack it: unxz FILE"},
    {"\x28\xB5\x2F\xFD", "compressed with zstd", "unpack it: unzstd FILE"},
    {"PK\x03\x04", "a zip archive or a spreadsheet", "unpack it, or save the spreadsheet as CSV"},
};

// Text may begin with the same letters as a binary format, so a file is refused only if a NUL or
// invalid UTF-8 follows soon.
void refuse_binary(const fs::path& path, std::string_view text) {
  constexpr size_t kHead = 4096;
  const std::string_view head = text.substr(0, kHead);
  const bool is_text = head.find('\0') == head.npos && is_valid_utf8(head.substr(0, 4));
  if (is_text) return;
  for (const BinaryFormat& format : kBinaryFormats) {
    if (!text.starts_with(format.begin)) continue;
    throw Error(ErrorKind::kInput, fmt::format("'{}' is {}, not text", path.string(), format.name),
                format.hint);
  }
}

// The text of a file after its byte order mark.
std::string_view without_mark(const fs::path& path, std::string_view text) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    fail_encoding(fmt::format("'{}' is UTF-16 or UTF-32, not UTF-8", path.string()));
  }
  refuse_binary(path, text);
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

// A NUL byte distinguishes UTF-16, UTF-32 and binary files from every 8-bit encoding of text.
// `place_of` turns the position of the byte in `text` into the words of the message.
template <typename PlaceOf>
void refuse_nul(const fs::path& path, std::string_view text, const PlaceOf& place_of) {
  const size_t nul = text.find('\0');
  if (nul == std::string_view::npos) return;
  fail_encoding(
      fmt::format("'{}'{}: it is UTF-16 or not text", path.string(), std::string(place_of(nul))));
}

}  // namespace

TextFile::TextFile(fs::path path)
    : path_(std::move(path)), file_(path_), text_(without_mark(path_, file_.text())) {
  if (check()) return;
  repaired_ = replace_invalid_utf8(text_);
  log_warning("'{}' is not valid UTF-8: {} invalid parts were replaced by U+FFFD", path_.string(),
              count_replacements(repaired_) - count_replacements(text_));
  text_ = repaired_;
}

// Returns whether the text is valid UTF-8. In blocks, so that a large file is never in memory as a
// whole.
bool TextFile::check() const {
  constexpr size_t kBlock = 1 << 20;
  bool valid = true;
  for (size_t begin = 0; begin < text_.size();) {
    size_t end = std::min(text_.size(), begin + kBlock);
    while (end > begin + 1 && end < text_.size() && is_continuation(text_[end])) --end;
    const std::string_view block = text_.substr(begin, end - begin);
    refuse_nul(path_, block,
               [&](size_t nul) { return fmt::format(" has a NUL byte at byte {}", begin + nul); });
    valid = valid && is_valid_utf8(block);
    file_.forget(block);
    begin = end;
  }
  return valid;
}

void PassedText::pass_to(const char* end) {
  constexpr size_t kBlock = 1 << 20;
  const auto size = static_cast<size_t>(end - kept_);
  if (file_ == nullptr || size < kBlock) return;
  file_->forget({kept_, size});
  kept_ = end;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool LineReader::next(std::string_view& line) {
  if (rest_.empty()) return false;
  const size_t end = std::min(rest_.find('\n'), rest_.size());
  line = rest_.substr(0, end);
  rest_.remove_prefix(std::min(end + 1, rest_.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  ++number_;
  return true;
}

CheckedLines::CheckedLines(fs::path path)
    : path_(std::move(path)),
      file_(path_),
      text_(without_mark(path_, file_.text())),
      lines_(text_),
      passed_(&file_, text_.data()) {}

bool CheckedLines::next(std::string& line) {
  std::string_view raw;
  if (!lines_.next(raw)) return false;
  refuse_nul(path_, raw,
             [&](size_t) { return fmt::format(", line {} has a NUL byte", lines_.number()); });
  if (is_valid_utf8(raw)) {
    line = raw;
  } else {
    line = replace_invalid_utf8(raw);
    if (repaired_++ == 0) first_repaired_ = lines_.number();
  }
  passed_.pass_to(lines_.position());
  return true;
}

void CheckedLines::rewind() {
  lines_ = LineReader(text_);
  passed_.rewind();
  repaired_ = 0;
}

void CheckedLines::report() const {
  if (repaired_ == 0) return;
  log_warning(
      "'{}': {} lines are not valid UTF-8, the first is line {}; invalid parts were replaced by "
      "U+FFFD",
      path_.string(), repaired_, first_repaired_);
}

}  // namespace bertune
