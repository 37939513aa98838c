// SPDX-License-Identifier: Apache-2.0
#include "model/heads/head.h"

#include "base/check.h"
#include "model/heads/masked_words.h"
#include "model/heads/question_answering.h"
#include "model/heads/sequence_classification.h"
#include "model/heads/token_classification.h"

namespace bertune {

Head head_of(HeadKind kind) {
  switch (kind) {
    case HeadKind::kNone:
      break;
    case HeadKind::kQuestionAnswering:
      return question_answering_head();
    case HeadKind::kSequenceClassification:
      return sequence_classification_head();
    case HeadKind::kTokenClassification:
      return token_classification_head();
    case HeadKind::kMaskedLanguageModel:
    case HeadKind::kPreTraining:
      return masked_words_head();
  }
  CHECK(!"a kind with a head");
  return {};
}

void output_forward(const EncoderPass& pass, const Tensor& x, const Tensor& logits) {
  pass.engine.mark("head", -1);
  pass.engine.linear({.x = x,
                      .weight = pass.weights.head.plain,
                      .packed = pass.weights.head.forward,
                      .bias = pass.params.head.bias,
                      .out = logits});
}

void output_backward(const EncoderPass& pass, const Tensor& x, const Tensor& d_logits,
                     const BertParams& d_params, const Tensor& d_x) {
  pass.engine.mark("head", -1);
  pass.engine.linear_backward({.x = x,
                               .weight = pass.weights.head.plain,
                               .packed = pass.weights.head.backward,
                               .d_out = d_logits,
                               .d_x = d_x,
                               .d_weight = d_params.head.weight,
                               .d_bias = d_params.head.bias});
}

}  // namespace bertune
