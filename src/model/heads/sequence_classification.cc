// SPDX-License-Identifier: Apache-2.0
#include "model/heads/sequence_classification.h"

#include <fmt/format.h>

#include "model/family.h"
#include "model/heads/classifier.h"

namespace bertune {
namespace {

constexpr const char* kOutputs[] = {"logits"};
constexpr LinearWeight BertWeights::*kWeights[] = {&BertWeights::pooler, &BertWeights::head};

void require_one_number(const BertConfig& config) {
  if (config.problem_type == kRegression && config.label_count() != 1) {
    refuse_config(fmt::format("specifies regression of {} numbers, but only one is supported",
                              config.label_count()),
                  "give \"id2label\" one entry");
  }
}

void list(const BertConfig& config, Layout& layout, BertParams& params) {
  require_labels(config);
  require_one_number(config);
  const HeadNames& names = family_of(config).heads;
  const int64_t width = config.hidden_size;
  layout.begin_part(names.dense);
  layout.add_linear(names.dense, width, width, params.pooler);
  layout.begin_output(names.sequence_output);
  layout.add_linear(names.sequence_output, config.label_count(), width, params.head);
}

void plan(const BertConfig& config, DTypes dtypes, Purpose purpose, const Capacity& capacity,
          Arena& arena, HeadActivations& head) {
  const int64_t windows = capacity.windows, width = config.hidden_size;
  const int64_t labels = config.label_count();
  arena.plan(head.picked, "activations", dtypes.activation, windows, width);
  arena.plan(head.dense, "activations", dtypes.activation, windows, width);
  arena.plan(head.logits, "activations", dtypes.parameter, windows, labels);
  if (purpose == Purpose::kInference) return;
  arena.plan(head.pre, "activations", dtypes.activation, windows, width);
  arena.plan(head.d_logits, "activation gradients", dtypes.activation, windows, labels);
  arena.plan(head.d_dense, "activation gradients", dtypes.activation, windows, width);
  arena.plan(head.d_picked, "activation gradients", dtypes.activation, windows, width);
}

// The rows of this batch's windows, in memory planned for the largest batch.
Tensor windows_of(const HeadPass& pass, const Tensor& planned) {
  return planned ? planned.slice_rows(0, pass.encoder.batch.packing.windows) : Tensor{};
}

void drop(const EncoderPass& pass, const Tensor& x, HeadSite site) {
  const double probability = pass.config.sequence_dropout_prob();
  if (const Dropout dropout = head_dropout(pass, probability, site)) {
    pass.engine.dropout({x, pass.batch.window_keys, dropout, x});
  }
}

Tensor forward(const HeadPass& pass) {
  const EncoderPass& encoder = pass.encoder;
  const Tensor first = windows_of(pass, pass.activations.picked);
  const Tensor pooled = windows_of(pass, pass.activations.dense);
  const Tensor logits = windows_of(pass, pass.activations.logits);
  encoder.engine.mark("pooler", -1);
  const HeadNames& names = family_of(encoder.config).heads;
  encoder.engine.gather_rows({pass.hidden, encoder.batch.first_rows, first});
  if (names.dropout_before_dense) drop(encoder, first, HeadSite::kBeforeDense);
  encoder.engine.linear({.x = first,
                         .weight = encoder.weights.pooler.plain,
                         .packed = encoder.weights.pooler.forward,
                         .bias = encoder.params.pooler.bias,
                         .activation = names.activation,
                         .pre = windows_of(pass, pass.activations.pre),
                         .out = pooled});
  drop(encoder, pooled, HeadSite::kBeforeOutput);
  output_forward(encoder, pooled, logits);
  return logits;
}

void logits(const HeadPass& pass, const LogitsPart& take) { take(forward(pass)); }

void add_loss(const HeadPass& pass, const Tensor& scores, double scale, const Tensor& d_logits) {
  const EncoderPass& encoder = pass.encoder;
  encoder.engine.mark("loss", -1);
  if (encoder.config.multi_label()) {
    const Tensor targets = encoder.batch.target_values.reshape(scores.rows, scores.cols);
    encoder.engine.binary_cross_entropy({.logits = scores,
                                         .targets = targets,
                                         .scale = scale,
                                         .loss = pass.loss,
                                         .d_logits = d_logits});
  } else if (scores.cols == 1) {
    encoder.engine.squared_error({.predictions = scores,
                                  .targets = encoder.batch.target_values.reshape(scores.rows, 1),
                                  .scale = scale,
                                  .loss = pass.loss,
                                  .d_predictions = d_logits});
  } else {
    encoder.engine.cross_entropy({.logits = scores,
                                  .segment = Segment::kColumnsOfRow,
                                  .packing = {},
                                  .targets = encoder.batch.targets.reshape(scores.rows, 1),
                                  .scale = scale,
                                  .loss = pass.loss,
                                  .d_logits = d_logits});
  }
}

void loss_and_backward(const HeadPass& pass, double scale, const BertParams& d_params,
                       const Tensor& d_hidden) {
  const EncoderPass& encoder = pass.encoder;
  const HeadNames& names = family_of(encoder.config).heads;
  const Tensor d_logits = windows_of(pass, pass.activations.d_logits);
  const Tensor d_pooled = windows_of(pass, pass.activations.d_dense);
  const Tensor d_first = windows_of(pass, pass.activations.d_picked);
  add_loss(pass, forward(pass), scale, d_logits);
  output_backward(encoder, windows_of(pass, pass.activations.dense), d_logits, d_params, d_pooled);
  encoder.engine.mark("pooler", -1);
  drop(encoder, d_pooled, HeadSite::kBeforeOutput);
  encoder.engine.linear_backward({.x = windows_of(pass, pass.activations.picked),
                                  .weight = encoder.weights.pooler.plain,
                                  .packed = encoder.weights.pooler.backward,
                                  .activation = names.activation,
                                  .pre = windows_of(pass, pass.activations.pre),
                                  .d_out = d_pooled,
                                  .d_x = d_first,
                                  .d_weight = d_params.pooler.weight,
                                  .d_bias = d_params.pooler.bias});
  if (names.dropout_before_dense) drop(encoder, d_first, HeadSite::kBeforeDense);
  encoder.engine.zero(d_hidden);
  encoder.engine.scatter_add_rows({d_first, encoder.batch.first_rows, d_hidden});
}

}  // namespace

const Head& sequence_classification_head() {
  static constexpr Head kHead = {.class_suffix = "ForSequenceClassification",
                                 .logits_of = LogitsOf::kWindows,
                                 .labelled = true,
                                 .pooled = true,
                                 .outputs = kOutputs,
                                 .list = list,
                                 .weights = kWeights,
                                 .plan = plan,
                                 .logits = logits,
                                 .loss_and_backward = loss_and_backward};
  return kHead;
}

}  // namespace bertune
