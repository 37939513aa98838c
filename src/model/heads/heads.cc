// SPDX-License-Identifier: Apache-2.0
#include "model/heads/heads.h"

#include <algorithm>

#include "base/check.h"
#include "model/heads/encoder_alone.h"
#include "model/heads/masked_words.h"
#include "model/heads/question_answering.h"
#include "model/heads/sequence_classification.h"
#include "model/heads/token_classification.h"

namespace bertune {
namespace {

struct Entry {
  HeadKind kind;
  const Head& head;
};

std::span<const Entry> all_heads() {
  static const Entry kHeads[] = {
      {HeadKind::kNone, encoder_alone()},
      {HeadKind::kQuestionAnswering, question_answering_head()},
      {HeadKind::kSequenceClassification, sequence_classification_head()},
      {HeadKind::kTokenClassification, token_classification_head()},
      {HeadKind::kMaskedLanguageModel, masked_words_head()},
      {HeadKind::kPreTraining, pre_training_head()},
  };
  return kHeads;
}

}  // namespace

const Head& head_of(HeadKind kind) {
  const auto heads = all_heads();
  const auto found = std::find_if(heads.begin(), heads.end(),
                                  [&](const Entry& entry) { return entry.kind == kind; });
  CHECK(found != heads.end());
  return found->head;
}

std::string architecture_of(HeadKind kind, const Family& family) {
  return std::string(family.class_prefix) + head_of(kind).class_suffix;
}

std::optional<HeadKind> head_of_architecture(const std::string& architecture) {
  for (const Family* family : families()) {
    for (const Entry& entry : all_heads()) {
      // ELECTRA's class of this name is its pretrained discriminator, without a head of ours.
      const bool exists =
          entry.kind != HeadKind::kPreTraining || family->heads.next_sentence != nullptr;
      if (exists && architecture == architecture_of(entry.kind, *family)) return entry.kind;
    }
  }
  return {};
}

}  // namespace bertune
