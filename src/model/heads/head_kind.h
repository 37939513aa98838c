// SPDX-License-Identifier: Apache-2.0
// The kinds of heads, by which the rest of the program refers to them. Their properties are in the
// descriptors (heads/heads.h).
#pragma once

namespace bertune {

// The head on top of the encoder. Sequence classification with one label is regression.
// Pre-training is masked language modelling with BERT's pooler and next-sentence classifier, which
// are kept but not trained.
enum class HeadKind {
  kNone,
  kQuestionAnswering,
  kSequenceClassification,
  kTokenClassification,
  kMaskedLanguageModel,
  kPreTraining,
};

}  // namespace bertune
