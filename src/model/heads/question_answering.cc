// SPDX-License-Identifier: Apache-2.0
#include "model/heads/question_answering.h"

namespace bertune {
namespace {

constexpr const char* kOutputNames[] = {"start_logits", "end_logits"};
constexpr LinearWeight BertWeights::*kWeights[] = {&BertWeights::head};
constexpr int64_t kOutputs = 2;

void list(const BertConfig& config, Layout& layout, BertParams& params) {
  layout.begin_output(kQaOutputs);
  layout.add_linear(kQaOutputs, kOutputs, config.hidden_size, params.head);
}

void plan(const BertConfig&, DTypes dtypes, Purpose purpose, const Capacity& capacity, Arena& arena,
          HeadActivations& head) {
  arena.plan(head.logits, "activations", dtypes.parameter, capacity.rows, kOutputs);
  if (purpose == Purpose::kInference) return;
  arena.plan(head.d_logits, "activation gradients", dtypes.activation, capacity.rows, kOutputs);
}

// In place, because nothing else reads the last layer's output or its gradient.
void drop(const EncoderPass& pass, const Tensor& x) {
  if (const Dropout dropout = head_dropout(pass, pass.config.qa_dropout)) {
    pass.engine.dropout({x, pass.batch.packing.row_keys, dropout, x});
  }
}

Tensor forward(const HeadPass& pass) {
  const Tensor logits = pass.activations.logits.slice_rows(0, pass.hidden.rows);
  drop(pass.encoder, pass.hidden);
  output_forward(pass.encoder, pass.hidden, logits);
  return logits;
}

void logits(const HeadPass& pass, const LogitsPart& take) { take(forward(pass)); }

void loss_and_backward(const HeadPass& pass, double scale, const BertParams& d_params,
                       const Tensor& d_hidden) {
  const EncoderPass& encoder = pass.encoder;
  const Packing& packing = encoder.batch.packing;
  const Tensor d_logits = pass.activations.d_logits.slice_rows(0, packing.rows);
  const Tensor scores = forward(pass);
  encoder.engine.mark("loss", -1);
  encoder.engine.cross_entropy({.logits = scores,
                                .packing = packing,
                                .targets = encoder.batch.targets.reshape(packing.windows, kOutputs),
                                .scale = scale,
                                .loss = pass.loss,
                                .d_logits = d_logits});
  output_backward(encoder, pass.hidden, d_logits, d_params, d_hidden);
  drop(encoder, d_hidden);
}

}  // namespace

const Head& question_answering_head() {
  static constexpr Head kHead = {.class_suffix = "ForQuestionAnswering",
                                 .logits_of = LogitsOf::kTokens,
                                 .outputs = kOutputNames,
                                 .list = list,
                                 .weights = kWeights,
                                 .plan = plan,
                                 .logits = logits,
                                 .loss_and_backward = loss_and_backward};
  return kHead;
}

}  // namespace bertune
