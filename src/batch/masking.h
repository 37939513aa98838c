// SPDX-License-Identifier: Apache-2.0
// Masking for masked-language-model training: which tokens of a batch are masked, and by what. The
// choice is a function of a key and the window, so that it changes from step to step but not with
// the packing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

struct Batch;

// Of the selected tokens, 80% become [MASK], 10% a random piece and 10% stay (Devlin et al., BERT,
// section 3.1).
struct Masking {
  double probability = 0.15;    // that a token, or a whole word, is selected
  int32_t vocabulary = 0;       // number of pieces to draw a random one from
  std::vector<bool> goes_on;    // [pieces] whether a piece continues a word; empty: no whole words
  std::optional<uint64_t> key;  // set: the same masks in every step; empty: new ones in every step
  uint64_t first_window = 0;    // index in the dataset of the set's first window
};

Masking make_masking(const std::vector<std::string>& pieces, double probability, bool whole_words);

// Masks tokens of a batch without targets: replaces their ids, lists their rows in `masked_rows`
// and their original ids in `targets`. Special tokens are never masked.
void mask_words(const Masking& masking, const SpecialTokens& special, uint64_t key, Batch& batch);

}  // namespace bertune
