// SPDX-License-Identifier: Apache-2.0
// The masked language modelling head: logits [masked rows, vocabulary] for every masked token, from
// a transform (dense, activation, LayerNorm) and a decoder, which usually shares its weight with
// the word embeddings. The loss is the cross-entropy over the vocabulary. Only masked rows are
// computed, in chunks of a limited number of rows, because the logits of a whole batch would be its
// largest tensor. It has no dropout.
#pragma once

#include "model/heads/head.h"

namespace bertune {

inline constexpr const char* kWordPredictions = "cls.predictions.";  // the part of its parameters

const Head& masked_words_head();

// The same head with BERT's pooler and next-sentence classifier, which are kept but not trained.
const Head& pre_training_head();

}  // namespace bertune
