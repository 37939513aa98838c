// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/decode.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "base/check.h"
#include "tasks/softmax.h"

namespace bertune {
namespace {

bool is_special(const SpecialTokens& special, int32_t id) {
  return id == special.pad || id == special.unk || id == special.cls || id == special.sep ||
         id == special.mask;
}

bool follows_without_space(std::string_view piece) {
  constexpr std::array<std::string_view, 9> kBeginnings{".",  "?",  "!",   ",",  "n't",
                                                        "'m", "'s", "'ve", "'re"};
  return std::any_of(kBeginnings.begin(), kBeginnings.end(),
                     [&](std::string_view beginning) { return piece.starts_with(beginning); });
}

// The indices of the `count` highest logits, best first.
std::vector<int32_t> highest(std::span<const float> logits, size_t count) {
  std::vector<int32_t> ids(logits.size());
  std::iota(ids.begin(), ids.end(), 0);
  count = std::min(count, ids.size());
  const auto better = [&](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  };
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(),
                    better);
  ids.resize(count);
  return ids;
}

// The window with a word in the place of a [MASK]. Padding is no text, given or filled in.
std::vector<int32_t> fill_in(std::span<const int32_t> ids, size_t position, int32_t word,
                             int32_t pad) {
  std::vector<int32_t> filled(ids.begin(), ids.end());
  filled[position] = word;
  std::erase(filled, pad);
  return filled;
}

}  // namespace

std::string join_pieces(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                        bool with_special_tokens) {
  std::string text;
  bool first = true;
  for (const int32_t id : ids) {
    const bool special = is_special(tokenizer.special(), id);
    if (special && !with_special_tokens) continue;
    std::string_view piece = tokenizer.vocabulary()[id];
    if (!first && piece.starts_with("##")) {
      piece.remove_prefix(2);
    } else if (!first && !follows_without_space(piece)) {
      text += ' ';
    }
    text += piece;
    first = false;
  }
  return text;
}

std::vector<FilledMask> fill_mask(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                                  size_t position, std::span<const float> logits, int64_t top_k) {
  CHECK(logits.size() <= tokenizer.vocabulary().size());
  const int32_t mask = tokenizer.special().mask;
  CHECK(ids[position] == mask);
  const bool several = std::count(ids.begin(), ids.end(), mask) > 1;
  const std::vector<double> scores = softmax(logits);
  std::vector<FilledMask> words;
  for (const int32_t id : highest(logits, static_cast<size_t>(top_k))) {
    const std::vector<int32_t> filled = fill_in(ids, position, id, tokenizer.special().pad);
    words.push_back({.score = scores[id],
                     .token = id,
                     .token_str = join_pieces(tokenizer, std::span(&id, 1), true),
                     .sequence = join_pieces(tokenizer, filled, several)});
  }
  return words;
}

}  // namespace bertune
