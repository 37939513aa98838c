// SPDX-License-Identifier: Apache-2.0
#include "tasks/fill_mask/decode.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/check.h"
#include "tasks/logits.h"

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

// The ids of a window with a word in place of a [MASK]. Padding is left out, because it is not
// text, neither in the input nor as a prediction.
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
  for (const int32_t id : highest(logits, top_k)) {
    const std::vector<int32_t> filled = fill_in(ids, position, id, tokenizer.special().pad);
    words.push_back({.score = scores[id],
                     .token = id,
                     .token_str = join_pieces(tokenizer, std::span(&id, 1), true),
                     .sequence = join_pieces(tokenizer, filled, several)});
  }
  return words;
}

std::vector<std::span<const Prediction>> split_by_mask(const std::vector<Prediction>& predictions) {
  const auto mask_of = [&](size_t i) {
    const auto* word = std::get_if<FilledMask>(&predictions[i]);
    return word != nullptr ? word->mask : 0;
  };
  const std::span<const Prediction> all(predictions);
  std::vector<std::span<const Prediction>> parts;
  size_t begin = 0;
  for (size_t i = 1; i < all.size(); ++i) {
    if (mask_of(i) == mask_of(begin)) continue;
    parts.push_back(all.subspan(begin, i - begin));
    begin = i;
  }
  parts.push_back(all.subspan(begin));
  return parts;
}

}  // namespace bertune
