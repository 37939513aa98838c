// SPDX-License-Identifier: Apache-2.0
// From the logits of a [MASK] to the words in its place, in the shape of transformers' fill-mask
// pipeline, and from tokens back to text as its tokenizer joins them. Also implements split_by_mask
// of bertune/results.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bertune/results.h"
#include "bertune/tokenizer.h"

namespace bertune {

// The text of some token ids: continuations are joined, punctuation follows without a space. The
// rule is that of tokenizers' WordPiece decoder with clean-up.
std::string join_pieces(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                        bool with_special_tokens);

// The ids of the words in a list such as "good,bad", each once. A word is a vocabulary entry, as it
// is or after the tokenizer's normalization. Throws Error{kUsage} for a word that is not one token.
std::vector<int32_t> parse_targets(const Tokenizer& tokenizer, std::string_view list);

// The words to choose from.
struct MaskChoice {
  int64_t top_k;
  std::vector<int32_t> targets = {};  // empty: all words
};

// The `top_k` most likely words, best first (equal ones by id), for the [MASK] at `position` of a
// window with these ids; `logits` are over the vocabulary, and so are the scores with targets too.
// `sequence` is the text with the word in place of the [MASK], without special tokens if it was the
// only one.
std::vector<FilledMask> fill_mask(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                                  size_t position, std::span<const float> logits,
                                  const MaskChoice& choice);

}  // namespace bertune
