// SPDX-License-Identifier: Apache-2.0
#include "model/question_answering_head.h"

namespace bertune {
namespace {

void plan(const BertConfig&, DTypes dtypes, Purpose purpose, const Capacity& capacity, Arena& arena,
          HeadActivations& activations) {
  arena.plan(activations.logits, "activations", dtypes.parameter, capacity.rows, 2);
  if (purpose == Purpose::kInference) return;
  arena.plan(activations.loss, "activations", dtypes.parameter, capacity.windows, 2);
  arena.plan(activations.d_logits, "activation gradients", dtypes.activation, capacity.rows, 2);
}

Tensor forward(const HeadPass& pass) {
  const EncoderPass& encoder = pass.encoder;
  const Tensor logits = pass.activations.logits.slice_rows(0, encoder.batch.packing.rows);
  encoder.engine.mark("head", -1);
  encoder.engine.linear({.x = pass.hidden,
                         .weight = encoder.weights.head.plain,
                         .packed = encoder.weights.head.forward,
                         .bias = encoder.params.head.bias,
                         .out = logits});
  return logits;
}

void logits(const HeadPass& pass, const LogitsPart& take) { take(forward(pass)); }

Tensor loss_and_backward(const HeadPass& pass, double scale, const BertParams& d_params,
                         const Tensor& d_hidden) {
  const EncoderPass& encoder = pass.encoder;
  const Packing& packing = encoder.batch.packing;
  const Tensor loss = pass.activations.loss.slice_rows(0, packing.windows);
  const Tensor d_logits = pass.activations.d_logits.slice_rows(0, packing.rows);
  const Tensor logits = forward(pass);
  encoder.engine.mark("loss", -1);
  encoder.engine.cross_entropy({.logits = logits,
                                .packing = packing,
                                .targets = encoder.batch.targets,
                                .scale = scale,
                                .loss = loss,
                                .d_logits = d_logits});
  encoder.engine.mark("head", -1);
  encoder.engine.linear_backward({.x = pass.hidden,
                                  .weight = encoder.weights.head.plain,
                                  .packed = encoder.weights.head.backward,
                                  .d_out = d_logits,
                                  .d_x = d_hidden,
                                  .d_weight = d_params.head.weight,
                                  .d_bias = d_params.head.bias});
  return loss;
}

}  // namespace

Head question_answering_head() { return {plan, logits, loss_and_backward}; }

}  // namespace bertune
