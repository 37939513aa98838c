// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/windows.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bertune/error.h"
#include "text/encode_all.h"

namespace bertune {
namespace {

void append(std::span<const Token> window, WindowSet& set) {
  const auto index = static_cast<int32_t>(set.windows.size());
  set.windows.push_back(
      {.example = index, .first = index, .first_length = static_cast<int32_t>(window.size())});
  set.texts.emplace_back(window.begin(), window.end());
}

WindowSet empty_set(const Tokenizer& tokenizer) {
  WindowSet set;
  set.special = tokenizer.special();
  set.predicts_words = true;
  return set;
}

// Throws Error{kInput} unless the model can be trained on the window as it is.
void check_masked(const MaskedRecord& record, const Tokenizer& tokenizer, int32_t max_seq_length) {
  const auto fail = [&](const std::string& what) {
    throw Error(ErrorKind::kInput, record.place + ": " + what, RawTextReader::kLayout);
  };
  const std::vector<int32_t>& ids = record.ids;
  const SpecialTokens& special = tokenizer.special();
  const auto tokens = static_cast<int32_t>(tokenizer.vocabulary().size());
  const auto is_token = [&](int32_t id) { return id >= 0 && id < tokens; };
  if (ids.size() < 3 || ids.front() != special.cls || ids.back() != special.sep) {
    fail("input_ids do not begin with [CLS] and end with [SEP] around a text");
  }
  if (static_cast<int32_t>(ids.size()) > max_seq_length) {
    fail(fmt::format("{} input_ids, but {} is {}", ids.size(), option("max_seq_length"),
                     max_seq_length));
  }
  const bool known = std::all_of(ids.begin(), ids.end(), is_token) &&
                     std::all_of(record.labels.begin(), record.labels.end(), [&](int32_t label) {
                       return label == kIgnoredTarget || is_token(label);
                     });
  if (!known) {
    fail(
        fmt::format("a number is neither a token id, 0 to {}, nor {}", tokens - 1, kIgnoredTarget));
  }
}

void append_masked(MaskedRecord record, WindowSet& set) {
  std::vector<Token> text;
  for (size_t i = 1; i + 1 < record.ids.size(); ++i) text.push_back({record.ids[i], 0, 0});
  append(text, set);
  set.token_targets.push_back(std::move(record.labels));
}

// Moves windows to `set` until it has `wanted`. Their tokens go to the disk, except those of
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

DocumentCutter::DocumentCutter(int32_t max_seq_length)
    : room_(static_cast<size_t>(std::max(max_seq_length - 2, 0))) {
  if (room_ >= 1) return;
  throw Error(ErrorKind::kUsage, fmt::format("{} is {}", option("max_seq_length"), max_seq_length),
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

RawTextWindows::RawTextWindows(const Tokenizer& tokenizer, const Dataset& dataset, Split split,
                               int32_t max_seq_length)
    : tokenizer_(tokenizer),
      max_seq_length_(max_seq_length),
      stream_(dataset, split),
      cutter_(max_seq_length) {}

void RawTextWindows::validate() {
  stream_.validate([&](const RawTextData& part) {
    for (const MaskedRecord& record : part.masked)
      check_masked(record, tokenizer_, max_seq_length_);
  });
}

bool RawTextWindows::next(size_t count, WindowSet& set) {
  set = empty_set(tokenizer_);
  while (set.windows.size() < count && add_next(set)) continue;
  return !set.windows.empty();
}

// Appends the windows of the next block of lines or the next record; false at the end.
bool RawTextWindows::add_next(WindowSet& set) {
  RawTextData part;
  if (at_end_) return false;
  at_end_ = !stream_.next(1, part);
  if (at_end_) cutter_.end_document(set);
  std::vector<std::string_view> texts;
  for (const RawText& text : part.texts) texts.emplace_back(text.text);
  const std::vector<std::vector<Token>> tokens = tokenize_texts(tokenizer_, texts);
  for (size_t i = 0; i < tokens.size(); ++i) {
    cutter_.add(tokens[i], set);
    if (part.texts[i].ends_document) cutter_.end_document(set);
  }
  for (MaskedRecord& record : part.masked) {
    check_masked(record, tokenizer_, max_seq_length_);
    append_masked(std::move(record), set);
  }
  return true;
}

WindowSet read_raw_text(const Tokenizer& tokenizer, const Dataset& dataset, Split split,
                        int32_t max_seq_length, int64_t max_windows) {
  RawTextWindows windows(tokenizer, dataset, split, max_seq_length);
  WindowSet set = empty_set(tokenizer);
  const auto ids = std::make_shared<IdFile>();
  const size_t wanted = max_windows > 0 ? static_cast<size_t>(max_windows) : SIZE_MAX;
  for (WindowSet part; set.windows.size() < wanted && windows.next(1, part);) {
    move_windows(std::move(part), wanted, set, *ids);
  }
  windows.report();
  ids->finish();
  if (set.token_targets.empty()) set.id_file = ids;
  if (set.windows.empty()) windows.fail_empty();
  return set;
}

}  // namespace bertune
