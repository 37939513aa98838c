// SPDX-License-Identifier: Apache-2.0
// The registry of heads, by kind and by transformers' class name. A new head is an enumerator here
// and a line in heads.cc.
#pragma once

#include <optional>
#include <string>

#include "model/heads/head.h"

namespace bertune {

// Sequence classification with one label is regression. Pre-training is masked language modelling
// with BERT's pooler and next-sentence classifier, which are kept but not trained.
enum class HeadKind : int {
  kNone,
  kQuestionAnswering,
  kSequenceClassification,
  kTokenClassification,
  kMaskedLanguageModel,
  kPreTraining,
};

const Head& head_of(HeadKind kind);

// The transformers class of a model with this head, such as "BertForQuestionAnswering".
std::string architecture_of(HeadKind kind, const Family& family = bert_family());
// The head of one of these classes of any family, or nothing for another class.
std::optional<HeadKind> head_of_architecture(const std::string& architecture);

}  // namespace bertune
