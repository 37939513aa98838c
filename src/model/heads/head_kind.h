// SPDX-License-Identifier: Apache-2.0
// The kinds of heads, by which the rest of the program names them. What a kind is, its descriptor
// says (heads/heads.h).
#pragma once

namespace bertune {

// What stands on the encoder. Sequence classification with one label is regression. Pre-training is
// masked words with BERT's pooler and next-sentence classifier, which are kept and not trained.
enum class HeadKind {
  kNone,
  kQuestionAnswering,
  kSequenceClassification,
  kTokenClassification,
  kMaskedLanguageModel,
  kPreTraining,
};

}  // namespace bertune
