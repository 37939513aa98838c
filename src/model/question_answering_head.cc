// SPDX-License-Identifier: Apache-2.0
#include "model/question_answering_head.h"

namespace bertune {

void plan_head(DTypes dtypes, Purpose purpose, int64_t max_rows, int64_t max_windows, Arena& arena,
               QuestionAnsweringActivations& activations) {
  arena.plan(activations.logits, "activations", dtypes.parameter, max_rows, 2);
  if (purpose == Purpose::kInference) return;
  arena.plan(activations.loss, "activations", dtypes.parameter, max_windows, 2);
  arena.plan(activations.d_logits, "activation gradients", dtypes.parameter, max_rows, 2);
  arena.plan(activations.d_logits_narrow, "activation gradients", dtypes.activation, max_rows, 2);
}

Tensor head_forward(const EncoderPass& pass, const Tensor& hidden,
                    const QuestionAnsweringActivations& activations) {
  const Tensor logits = activations.logits.slice_rows(0, pass.batch.packing.rows);
  pass.engine.mark("head", -1);
  pass.engine.linear({.x = hidden,
                      .weight = pass.weights.head.plain,
                      .packed = pass.weights.head.forward,
                      .bias = pass.params.head.bias,
                      .out = logits});
  return logits;
}

Tensor head_loss_and_backward(const EncoderPass& pass, const Tensor& hidden, double scale,
                              const QuestionAnsweringActivations& activations,
                              const BertParams& d_params, const Tensor& d_hidden) {
  const Packing& packing = pass.batch.packing;
  const Tensor loss = activations.loss.slice_rows(0, packing.windows);
  const Tensor d_logits = activations.d_logits.slice_rows(0, packing.rows);
  const Tensor d_logits_narrow = activations.d_logits_narrow.slice_rows(0, packing.rows);
  pass.engine.mark("loss", -1);
  pass.engine.cross_entropy({.logits = activations.logits.slice_rows(0, packing.rows),
                             .packing = packing,
                             .targets = pass.batch.targets,
                             .scale = scale,
                             .loss = loss,
                             .d_logits = d_logits});
  pass.engine.cast(d_logits, d_logits_narrow);
  pass.engine.mark("head", -1);
  pass.engine.linear_backward({.x = hidden,
                               .weight = pass.weights.head.plain,
                               .packed = pass.weights.head.backward,
                               .d_out = d_logits_narrow,
                               .d_x = d_hidden,
                               .d_weight = d_params.head.weight,
                               .d_bias = d_params.head.bias});
  return loss;
}

}  // namespace bertune
