// The head of question answering: a start and an end logit for every token, and their loss.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/arena.h"
#include "model/encoder.h"
#include "model/model.h"

namespace bertune {

struct QuestionAnsweringActivations {
  Tensor logits;           // [rows, 2] parameter type
  Tensor loss;             // [windows, 2] parameter type; training only
  Tensor d_logits;         // [rows, 2] parameter type; training only
  Tensor d_logits_narrow;  // [rows, 2] activation type; training only
};

void plan_head(DTypes dtypes, Purpose purpose, int64_t max_rows, int64_t max_windows, Arena& arena,
               QuestionAnsweringActivations& activations);

// Returns the logits [rows, 2] of hidden states [rows, width].
Tensor head_forward(const EncoderPass& pass, const Tensor& hidden,
                    const QuestionAnsweringActivations& activations);

// Loss of each window's start and end [windows, 2], and the gradient of scale * their sum:
// parameters accumulate in d_params, that of the hidden states is assigned to d_hidden [rows,
// width].
Tensor head_loss_and_backward(const EncoderPass& pass, const Tensor& hidden, double scale,
                              const QuestionAnsweringActivations& activations,
                              const BertParams& d_params, const Tensor& d_hidden);

}  // namespace bertune
