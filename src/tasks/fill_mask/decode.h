// SPDX-License-Identifier: Apache-2.0
// Logits of masked words to the words that may stand there, in the shape of transformers' fill-mask
// pipeline, and pieces back to text as its tokenizer joins them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "bertune/tokenizer.h"

namespace bertune {

// The text of some ids: continuations are joined, punctuation follows without a space. The rule of
// tokenizers' WordPiece decoder with clean-up.
std::string join_pieces(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                        bool with_special_tokens);

// The `top_k` likeliest words, best first (equal ones by id), for the [MASK] at `position` of a
// window with these ids; `logits` are over the vocabulary. `sequence` is the text with the word in
// its place: without special tokens where it was the only [MASK].
std::vector<FilledMask> fill_mask(const Tokenizer& tokenizer, std::span<const int32_t> ids,
                                  size_t position, std::span<const float> logits, int64_t top_k);

}  // namespace bertune
