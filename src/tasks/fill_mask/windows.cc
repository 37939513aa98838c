// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "bertune/error.h"
#include "datasets/input_file.h"
#include "datasets/raw_text/reader.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr std::array kEndings{".txt", ".jsonl", ".json"};

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

fs::path resolve_path(const fs::path& path, RawTextPurpose purpose) {
  std::error_code ignored;  // opening the file says what is wrong with it
  return fs::is_directory(path, ignored) ? find_file(path, purpose) : path;
}

[[noreturn]] void fail_empty(const fs::path& file) {
  throw Error(ErrorKind::kInput, fmt::format("'{}' holds no text", file.string()),
              "give a file with at least one line of text");
}

WindowSet empty_set(const Tokenizer& tokenizer) {
  WindowSet set;
  set.special = tokenizer.special();
  set.predicts_words = true;
  return set;
}

// Appends windows to `set` until it has `wanted`. Their tokens go to the disk, but not those of
// windows with targets, which are as large.
void move_windows(WindowSet part, size_t wanted, WindowSet& set, IdFile& ids) {
  for (size_t w = 0; w < part.windows.size() && set.windows.size() < wanted; ++w) {
    const auto index = static_cast<int32_t>(set.windows.size());
    Window& window = set.windows.emplace_back(part.windows[w]);
    window.example = window.first = index;
    if (!part.token_targets.empty()) {
      set.texts.push_back(std::move(part.texts[w]));
      set.token_targets.push_back(std::move(part.token_targets[w]));
      continue;
    }
    std::vector<int32_t> window_ids;
    for (const Token& token : part.texts[w]) window_ids.push_back(token.id);
    ids.append(window_ids);
  }
}

}  // namespace

WindowSet read_raw_text(const Tokenizer& tokenizer, const fs::path& path, RawTextPurpose purpose,
                        int32_t max_seq_length, int64_t max_windows) {
  const fs::path file = resolve_path(path, purpose);
  RawTextReader reader(tokenizer, file, max_seq_length);
  WindowSet set = empty_set(tokenizer);
  const auto ids = std::make_shared<IdFile>();
  const size_t wanted = max_windows > 0 ? static_cast<size_t>(max_windows) : SIZE_MAX;
  for (WindowSet part; set.windows.size() < wanted && reader.next(part); part = {}) {
    move_windows(std::move(part), wanted, set, *ids);
  }
  reader.report();
  ids->finish();
  if (set.token_targets.empty()) set.id_file = ids;
  if (set.windows.empty()) fail_empty(file);
  return set;
}

RawTextStream::RawTextStream(const Tokenizer& tokenizer, const fs::path& path,
                             RawTextPurpose purpose, int32_t max_seq_length)
    : tokenizer_(tokenizer),
      file_(resolve_path(path, purpose)),
      max_seq_length_(max_seq_length),
      reader_(std::make_unique<RawTextReader>(tokenizer, file_, max_seq_length)) {
  bool any = false;
  for (WindowSet part; reader_->next(part); part = {}) any = any || !part.windows.empty();
  reader_->report();
  if (!any) fail_empty(file_);
  reader_ = std::make_unique<RawTextReader>(tokenizer_, file_, max_seq_length_);
}

RawTextStream::RawTextStream(RawTextStream&&) noexcept = default;
RawTextStream::~RawTextStream() = default;

bool RawTextStream::next(size_t count, WindowSet& set) {
  set = empty_set(tokenizer_);
  while (set.windows.size() < count && reader_->next(set)) continue;
  return !set.windows.empty();
}

}  // namespace bertune
