// SPDX-License-Identifier: Apache-2.0
// Which words of a batch are hidden from a model that learns to guess them, and by what: a choice
// that a key determines, so that it changes from step to step and never with the packing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "text/tokenizer.h"

namespace bertune {

struct Batch;

// Of the tokens that are chosen, 80% become [MASK], 10% a random piece and 10% stay (Devlin et al.:
// BERT, section 3.1).
struct Masking {
  double probability = 0.15;    // that a token is chosen, or a word with all its pieces
  int32_t vocabulary = 0;       // pieces that a random one is drawn from
  std::vector<bool> goes_on;    // [pieces] whether one continues a word; empty: tokens one by one
  std::optional<uint64_t> key;  // always the same words by this one; none: others in every step
  uint64_t first_window = 0;    // how many windows of its data set stand before a set
};

Masking make_masking(const std::vector<std::string>& pieces, double probability, bool whole_words);

// Hides words of a batch without targets: changes its ids, lists their rows in `masked_rows` and
// what stood there in `targets`. Special tokens stay.
void mask_words(const Masking& masking, const SpecialTokens& special, uint64_t key, Batch& batch);

}  // namespace bertune
