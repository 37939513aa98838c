// SPDX-License-Identifier: Apache-2.0
// The head of masked words: a logit for every masked row and word [masked rows, vocabulary], by a
// transform (dense, gelu, LayerNorm) and a decoder that shares its weight with the word embeddings;
// cross-entropy over the words. Only masked rows are computed, and never more than some logits at a
// time, because those of a batch would be its largest tensor. It has no dropout.
#pragma once

#include "model/heads/head.h"

namespace bertune {

Head masked_words_head();

}  // namespace bertune
