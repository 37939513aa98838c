// SPDX-License-Identifier: Apache-2.0
// Masking for masked-language-model training: which tokens of a batch are masked, and by what. The
// choice is a function of a key and the window, so that it changes from step to step but not with
// the packing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

// Of the selected tokens, 80% become [MASK], 10% a random piece and 10% stay (Devlin et al., BERT,
// section 3.1).
struct Masking {
  double probability = 0.15;    // that a token, or a whole word, is selected
  int32_t vocabulary = 0;       // number of pieces to draw a random one from
  std::vector<bool> continues;  // [pieces] whether a piece continues a word; empty: no whole words
  std::optional<uint64_t> key;  // set: the same masks in every step; empty: new ones in every step
  uint64_t first_window = 0;    // index in the dataset of the set's first window
};

Masking make_masking(const std::vector<std::string>& pieces, double probability, bool whole_words);

// A window of a batch whose tokens may be masked.
struct WindowToMask {
  uint64_t index;          // in its set
  int32_t first_row;       // in the batch
  std::span<int32_t> ids;  // replaced where they are masked
};

// Masks tokens of a window: replaces their ids, and appends their rows to `masked_rows` and their
// original ids to `targets`. Special tokens are never masked.
void mask_words(const Masking& masking, const SpecialTokens& special, uint64_t key,
                const WindowToMask& window, std::vector<int32_t>& masked_rows,
                std::vector<int32_t>& targets);

}  // namespace bertune
