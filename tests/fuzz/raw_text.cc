// SPDX-License-Identifier: Apache-2.0
// Raw text for masked-language-model training: plain text, JSON lines of texts, and JSON lines of
// windows that are already masked.
#include <algorithm>
#include <span>
#include <vector>

#include "batch/batch.h"
#include "fuzz/fuzz.h"
#include "fuzz/text_for_test.h"
#include "tasks/fill_mask/windows.h"

namespace bertune {
namespace {

constexpr int32_t kMaxSeqLength = 16;
constexpr int64_t kFew = 2;

const Tokenizer& tokenizer() {
  static const Tokenizer made(small_vocabulary(), Normalization{});
  return made;
}

bool is_token(int32_t id) {
  return id >= 0 && id < static_cast<int32_t>(tokenizer().vocabulary().size());
}

WindowSet read(const std::filesystem::path& path, int64_t max_windows) {
  return read_raw_text(tokenizer(), path, Split::kTrain, kMaxSeqLength, max_windows);
}

std::vector<int32_t> ids_of(const WindowSet& set, size_t window) {
  const auto index = static_cast<int32_t>(window);
  Batch batch;
  pack(set, std::span(&index, 1), batch);
  return batch.ids;
}

void check_windows(const WindowSet& set) {
  CHECK(!set.windows.empty() && set.predicts_words);
  for (size_t w = 0; w < set.windows.size(); ++w) {
    const Window& window = set.windows[w];
    CHECK(!window.is_pair() && window.first_length > 0 && window.length() <= kMaxSeqLength);
    const std::vector<int32_t> ids = ids_of(set, w);
    CHECK(static_cast<int32_t>(ids.size()) == window.length());
    CHECK(std::all_of(ids.begin(), ids.end(), is_token));
  }
}

void check_targets(const WindowSet& set) {
  if (set.token_targets.empty()) return;
  CHECK(set.token_targets.size() == set.windows.size());
  for (size_t w = 0; w < set.windows.size(); ++w) {
    const std::vector<int32_t>& targets = set.token_targets[w];
    CHECK(targets.size() == static_cast<size_t>(set.windows[w].length()));
    for (const int32_t target : targets) CHECK(target == kIgnoredTarget || is_token(target));
  }
}

// Limiting the number of windows yields the same first windows.
void check_few(const WindowSet& all, const WindowSet& few) {
  CHECK(few.windows.size() == std::min<size_t>(kFew, all.windows.size()));
  for (size_t w = 0; w < few.windows.size(); ++w) CHECK(ids_of(few, w) == ids_of(all, w));
}

// Reading in parts yields the same windows.
void compare_parts(const WindowSet& all, RawTextWindows stream) {
  stream.validate();
  size_t w = 0;
  for (WindowSet part; stream.next(2, part);) {
    check_targets(part);
    for (size_t i = 0; i < part.windows.size(); ++i, ++w) {
      CHECK(ids_of(part, i) == ids_of(all, w));
      if (!part.token_targets.empty()) CHECK(part.token_targets[i] == all.token_targets.at(w));
    }
  }
  CHECK(w == all.windows.size());
}

}  // namespace

void fuzz(std::string_view input) {
  for (const char* name : {"data.txt", "data.jsonl"}) {
    const std::filesystem::path path = put_input(name, input);
    accepts([&] {
      const WindowSet all = read(path, 0);
      check_windows(all);
      check_targets(all);
      check_few(all, read(path, kFew));
      CHECK(accepts([&] {
        compare_parts(all, {tokenizer(), path, Split::kEvaluate, kMaxSeqLength});
      }));
    });
  }
}

}  // namespace bertune
