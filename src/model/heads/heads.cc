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

std::span<const Head* const> all_heads() {
  static const Head* const kHeads[] = {
      &encoder_alone(),
      &question_answering_head(),
      &sequence_classification_head(),
      &token_classification_head(),
      &masked_words_head(),
      &pre_training_head(),
  };
  return kHeads;
}

}  // namespace

const Head& head_of(HeadKind kind) {
  const auto heads = all_heads();
  const auto found = std::find_if(heads.begin(), heads.end(),
                                  [&](const Head* head) { return head->kind == kind; });
  CHECK(found != heads.end());
  return **found;
}

std::string architecture_of(HeadKind kind) { return head_of(kind).architectures.front(); }

std::optional<HeadKind> head_of_architecture(const std::string& architecture) {
  for (const Head* head : all_heads()) {
    const auto& names = head->architectures;
    if (std::find(names.begin(), names.end(), architecture) != names.end()) return head->kind;
  }
  return {};
}

}  // namespace bertune
