// SPDX-License-Identifier: Apache-2.0
// The masked language modelling head: logits [masked rows, vocabulary] for every masked token, from
// a transform (dense, activation, LayerNorm) and a decoder, which usually shares its weight with
// the word embeddings. The loss is the cross-entropy over the vocabulary. Only masked rows are
// computed, in chunks of a limited number of rows, because the logits of a whole batch would be its
// largest tensor. It has no dropout.
#pragma once

#include "model/heads/head.h"

namespace bertune {

// transformers' names of its tensors. All but the last begin with the first.
inline constexpr const char* kWordPredictions = "cls.predictions.";
inline constexpr const char* kWordTransform = "cls.predictions.transform.dense";
inline constexpr const char* kWordNorm = "cls.predictions.transform.LayerNorm";
inline constexpr const char* kWordBias = "cls.predictions.bias";
inline constexpr const char* kWordDecoder =
    "cls.predictions.decoder";  // not tied to the word table
inline constexpr const char* kNextSentence = "cls.seq_relationship";

const Head& masked_words_head();

// The same head with BERT's pooler and next-sentence classifier, which are kept but not trained.
const Head& pre_training_head();

}  // namespace bertune
