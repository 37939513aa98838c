// SPDX-License-Identifier: Apache-2.0
#include "datasets/input_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "bertune/error.h"
#include "text/utf8.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kByteOrderMark = "\uFEFF";
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

// A NUL tells UTF-16, UTF-32 and binary files apart from every 8-bit encoding of text.
// `bytes` begins at byte `begin` of the file.
void refuse_nul_bytes(const fs::path& path, std::string_view bytes, size_t begin) {
  const bool wide = begin == 0 && (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"));
  const size_t nul = bytes.find('\0');
  if (!wide && nul == std::string_view::npos) return;
  throw Error(ErrorKind::kInput,
              wide ? fmt::format("'{}' is UTF-16 or UTF-32, not UTF-8", path.string())
                   : fmt::format("'{}' has a NUL byte at byte {}: it is UTF-16 or no text",
                                 path.string(), begin + nul),
              "write it as UTF-8, for example: iconv -f UTF-16 -t UTF-8 FILE");
}

}  // namespace

TextFile::TextFile(fs::path path) : path_(std::move(path)), file_(path_), text_(file_.text()) {
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
  if (check()) return;
  repaired_ = replace_invalid_utf8(text_);
  log_warning("'{}' is not valid UTF-8: {} invalid parts were replaced by U+FFFD", path_.string(),
              count_replacements(repaired_) - count_replacements(text_));
  text_ = repaired_;
}

// Whether it is valid UTF-8. In blocks, so that a large file is never in memory as a whole.
bool TextFile::check() const {
  constexpr size_t kBlock = 1 << 20;
  bool valid = true;
  for (size_t begin = 0; begin < text_.size();) {
    size_t end = std::min(text_.size(), begin + kBlock);
    while (end > begin + 1 && end < text_.size() && is_continuation(text_[end])) --end;
    const std::string_view block = text_.substr(begin, end - begin);
    refuse_nul_bytes(path_, block, begin);
    valid = valid && is_valid_utf8(block);
    forget(block);
    begin = end;
  }
  return valid;
}

void TextFile::forget(std::string_view part) const {
  if (repaired_.empty()) file_.forget(part);
}

void PassedText::pass_to(const char* end) {
  constexpr size_t kPiece = 1 << 20;
  const auto size = static_cast<size_t>(end - kept_);
  if (size < kPiece) return;
  file_.forget({kept_, size});
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

std::string describe_folder(const fs::path& folder) {
  constexpr size_t kShown = 10;
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  if (error) return "it cannot be listed: " + error.message();
  if (names.empty()) return "it is empty";
  std::sort(names.begin(), names.end());
  std::string list = "it holds " + names.front();
  for (size_t i = 1; i < std::min(names.size(), kShown); ++i) list += ", " + names[i];
  if (names.size() > kShown) list += fmt::format(" and {} more", names.size() - kShown);
  return list;
}

}  // namespace bertune
