// SPDX-License-Identifier: Apache-2.0
// The head of masked words: a logit for every masked row and word [masked rows, vocabulary], by a
// transform (dense, gelu, LayerNorm) and a decoder that shares its weight with the word embeddings;
// cross-entropy over the words. Only masked rows are computed, and never more than some logits at a
// time, because those of a batch would be its largest tensor. It has no dropout.
#pragma once

#include "model/heads/head.h"

namespace bertune {

// transformers' names of its tensors, and how all of them but the last begin.
inline constexpr const char* kWordPredictions = "cls.predictions.";
inline constexpr const char* kWordTransform = "cls.predictions.transform.dense";
inline constexpr const char* kWordNorm = "cls.predictions.transform.LayerNorm";
inline constexpr const char* kWordBias = "cls.predictions.bias";
inline constexpr const char* kNextSentence = "cls.seq_relationship";

const Head& masked_words_head();

// The same with BERT's pooler and next-sentence classifier, which are kept and not trained.
const Head& pre_training_head();

}  // namespace bertune
