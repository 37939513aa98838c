// SPDX-License-Identifier: Apache-2.0
#include "model/heads/token_classification.h"

#include "model/heads/classifier.h"

namespace bertune {
namespace {

constexpr const char* kOutputs[] = {"logits"};
constexpr LinearWeight BertWeights::*kWeights[] = {&BertWeights::head};

void list(const BertConfig& config, Layout& layout, BertParams& params) {
  require_labels(config);
  layout.begin_output(kClassifier);
  layout.add_linear(kClassifier, config.label_count(), config.hidden_size, params.head);
}

void plan(const BertConfig& config, DTypes dtypes, Purpose purpose, const Capacity& capacity,
          Arena& arena, HeadActivations& head) {
  const int64_t labels = config.label_count();
  arena.plan(head.logits, "activations", dtypes.parameter, capacity.rows, labels);
  if (purpose == Purpose::kInference) return;
  arena.plan(head.d_logits, "activation gradients", dtypes.activation, capacity.rows, labels);
}

// In place, because nothing else reads the last layer's output or its gradient.
void drop(const EncoderPass& pass, const Tensor& x) {
  if (const Dropout dropout = head_dropout(pass, pass.config.classifier_dropout_prob())) {
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
  const int64_t rows = pass.hidden.rows;
  const Tensor d_logits = pass.activations.d_logits.slice_rows(0, rows);
  const Tensor scores = forward(pass);
  encoder.engine.mark("loss", -1);
  encoder.engine.cross_entropy({.logits = scores,
                                .segment = Segment::kColumnsOfRow,
                                .packing = {},
                                .targets = encoder.batch.targets.reshape(rows, 1),
                                .scale = scale,
                                .loss = pass.loss,
                                .d_logits = d_logits});
  output_backward(encoder, pass.hidden, d_logits, d_params, d_hidden);
  drop(encoder, d_hidden);
}

}  // namespace

const Head& token_classification_head() {
  static constexpr Head kHead = {.class_suffix = "ForTokenClassification",
                                 .logits_of = LogitsOf::kTokens,
                                 .labelled = true,
                                 .outputs = kOutputs,
                                 .list = list,
                                 .weights = kWeights,
                                 .plan = plan,
                                 .logits = logits,
                                 .loss_and_backward = loss_and_backward};
  return kHead;
}

}  // namespace bertune
