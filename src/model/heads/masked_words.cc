// SPDX-License-Identifier: Apache-2.0
#include "model/heads/masked_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "model/family.h"

namespace bertune {
namespace {

constexpr const char* kOutputs[] = {"logits"};
constexpr LinearWeight BertWeights::*kWeights[] = {&BertWeights::transform, &BertWeights::head};

constexpr int64_t kDecoderRows = 1024;  // rows with logits at a time: enough for fast products

// transformers' BERT has two biases then, of which only the decoder's is added to the logits. The
// other one is kept as it is.
void list_own_decoder(const BertConfig& config, Layout& layout, BertParams& params) {
  const HeadNames& names = family_of(config).heads;
  const std::string decoder_bias = std::string(names.decoder) + ".bias";
  layout.add_linear(names.decoder, config.vocab_size, config.hidden_size, params.head);
  if (decoder_bias == names.decoder_bias) return;
  Tensor unused;
  layout.also_called(names.decoder_bias);
  layout.begin_untrained();
  layout.add(names.decoder_bias, {config.vocab_size}, Role::kBias, unused);
  layout.also_called(decoder_bias);
}

void list_tied_decoder(const BertConfig& config, Layout& layout, BertParams& params) {
  const HeadNames& names = family_of(config).heads;
  const std::string decoder_bias = std::string(names.decoder) + ".bias";
  layout.add(names.decoder_bias, {config.vocab_size}, Role::kBias, params.head.bias);
  if (decoder_bias != names.decoder_bias) layout.also_called(decoder_bias);
  layout.tie(family_of(config).tensors.word_table, params.word, params.head.weight);
}

void list(const BertConfig& config, Layout& layout, BertParams& params) {
  const HeadNames& names = family_of(config).heads;
  if (names.transform == nullptr) {
    refuse_config(fmt::format("has model_type \"{}\", which does not predict masked words",
                              config.model_type),
                  "use a BERT or DistilBERT, which were trained to predict them");
  }
  const int64_t width = config.hidden_size;
  layout.begin_part(kWordPredictions);
  layout.add_linear(names.transform, width, width, params.transform);
  layout.add_norm(names.transform_norm, width, params.transform_norm);
  config.tie_word_embeddings ? list_tied_decoder(config, layout, params)
                             : list_own_decoder(config, layout, params);
}

// Role::kTable, because no product reads them.
void list_pre_training(const BertConfig& config, Layout& layout, BertParams& params) {
  list(config, layout, params);
  const HeadNames& names = family_of(config).heads;
  CHECK(names.next_sentence != nullptr);
  const std::string pooler = names.dense, next_sentence = names.next_sentence;
  const int64_t width = config.hidden_size;
  Tensor unused[4];
  layout.begin_untrained();
  layout.begin_part(pooler);
  layout.add(pooler + ".weight", {width, width}, Role::kTable, unused[0]);
  layout.add(pooler + ".bias", {width}, Role::kBias, unused[1]);
  layout.begin_part(next_sentence);
  layout.add(next_sentence + ".weight", {2, width}, Role::kTable, unused[2]);
  layout.add(next_sentence + ".bias", {2}, Role::kBias, unused[3]);
}

void plan(const BertConfig& config, DTypes dtypes, Purpose purpose, const Capacity& capacity,
          Arena& arena, HeadActivations& head) {
  const int64_t rows = capacity.rows, width = config.hidden_size;
  const int64_t decoder_rows = std::min(rows, kDecoderRows);
  for (Tensor* slot : {&head.picked, &head.norm.sum, &head.normed}) {
    arena.plan(*slot, "activations", dtypes.activation, rows, width);
  }
  arena.plan(head.logits, "activations", dtypes.parameter, decoder_rows, config.vocab_size);
  if (purpose == Purpose::kInference) return;
  arena.plan(head.pre, "activations", dtypes.activation, rows, width);
  arena.plan(head.norm.mean, "activations", dtypes.parameter, 1, rows);
  arena.plan(head.norm.rstd, "activations", dtypes.parameter, 1, rows);
  arena.plan(head.d_dense, "activation gradients", dtypes.activation, rows, width);
  arena.plan(head.d_picked, "activation gradients", dtypes.activation, rows, width);
  if (dtypes.activation == dtypes.parameter) return;  // d_logits then reuses the logits' memory
  arena.plan(head.d_logits, "activation gradients", dtypes.activation, decoder_rows,
             config.vocab_size);
}

int64_t masked_rows(const HeadPass& pass) { return pass.encoder.batch.masked_rows.cols; }

// The masked rows of this batch, in memory planned for the largest batch.
Tensor rows_of(const HeadPass& pass, const Tensor& planned) {
  return planned ? planned.slice_rows(0, masked_rows(pass)) : Tensor{};
}
Tensor cols_of(const HeadPass& pass, const Tensor& planned) {
  return planned ? planned.slice_cols(0, masked_rows(pass)) : Tensor{};
}

Tensor transform(const HeadPass& pass) {
  const EncoderPass& encoder = pass.encoder;
  const HeadActivations& head = pass.activations;
  const Tensor picked = rows_of(pass, head.picked), dense = rows_of(pass, head.norm.sum);
  const Tensor normed = rows_of(pass, head.normed);
  encoder.engine.mark("transform", -1);
  encoder.engine.gather_rows({pass.hidden, encoder.batch.masked_rows, picked});
  encoder.engine.linear({.x = picked,
                         .weight = encoder.weights.transform.plain,
                         .packed = encoder.weights.transform.forward,
                         .bias = encoder.params.transform.bias,
                         .activation = encoder.config.hidden_act,
                         .pre = rows_of(pass, head.pre),
                         .out = dense});
  encoder.engine.add_norm({.x = dense,
                           .residual = {},
                           .row_keys = {},
                           .dropout = {},
                           .gamma = encoder.params.transform_norm.gamma,
                           .beta = encoder.params.transform_norm.beta,
                           .epsilon = encoder.config.layer_norm_eps,
                           .sum = dense,
                           .mean = cols_of(pass, head.norm.mean),
                           .rstd = cols_of(pass, head.norm.rstd),
                           .out = normed});
  return normed;
}

// Calls decode(normed, logits, first row) for chunks of at most as many rows as `logits` holds.
template <typename Decode>
void for_each_part(const HeadPass& pass, const Tensor& normed, const Decode& decode) {
  for (int64_t begin = 0; begin < normed.rows; begin += kDecoderRows) {
    const Tensor part = normed.slice_rows(begin, std::min(kDecoderRows, normed.rows - begin));
    const Tensor logits = pass.activations.logits.slice_rows(0, part.rows);
    output_forward(pass.encoder, part, logits);
    decode(part, logits, begin);
  }
}

void logits(const HeadPass& pass, const LogitsPart& take) {
  for_each_part(pass, transform(pass),
                [&](const Tensor&, const Tensor& part, int64_t) { take(part); });
}

// Turns the gradient of the decoder's input into that of the masked rows, both in d_picked.
void transform_backward(const HeadPass& pass, const BertParams& d_params) {
  const EncoderPass& encoder = pass.encoder;
  const HeadActivations& head = pass.activations;
  const Tensor d_dense = rows_of(pass, head.d_dense), d_picked = rows_of(pass, head.d_picked);
  encoder.engine.mark("transform", -1);
  encoder.engine.add_norm_backward({.sum = rows_of(pass, head.norm.sum),
                                    .mean = cols_of(pass, head.norm.mean),
                                    .rstd = cols_of(pass, head.norm.rstd),
                                    .gamma = encoder.params.transform_norm.gamma,
                                    .row_keys = {},
                                    .dropout = {},
                                    .d_out = d_picked,
                                    .d_out_residual = {},
                                    .d_x = {},
                                    .d_sum = d_dense,
                                    .d_gamma = d_params.transform_norm.gamma,
                                    .d_beta = d_params.transform_norm.beta});
  encoder.engine.linear_backward({.x = rows_of(pass, head.picked),
                                  .weight = encoder.weights.transform.plain,
                                  .packed = encoder.weights.transform.backward,
                                  .activation = encoder.config.hidden_act,
                                  .pre = rows_of(pass, head.pre),
                                  .d_out = d_dense,
                                  .d_x = d_picked,
                                  .d_weight = d_params.transform.weight,
                                  .d_bias = d_params.transform.bias});
}

void loss_and_backward(const HeadPass& pass, double scale, const BertParams& d_params,
                       const Tensor& d_hidden) {
  const EncoderPass& encoder = pass.encoder;
  const HeadActivations& head = pass.activations;
  const Tensor targets = encoder.batch.targets.reshape(masked_rows(pass), 1);
  const Tensor d_normed = rows_of(pass, head.d_picked);
  for_each_part(
      pass, transform(pass), [&](const Tensor& normed, const Tensor& scores, int64_t begin) {
        const Tensor d_logits = head.d_logits ? head.d_logits.slice_rows(0, scores.rows) : scores;
        encoder.engine.mark("loss", -1);
        encoder.engine.cross_entropy({.logits = scores,
                                      .segment = Segment::kColumnsOfRow,
                                      .packing = {},
                                      .targets = targets.slice_rows(begin, scores.rows),
                                      .scale = scale,
                                      .loss = pass.loss,
                                      .d_logits = d_logits});
        output_backward(encoder, normed, d_logits, d_params,
                        d_normed.slice_rows(begin, scores.rows));
      });
  transform_backward(pass, d_params);
  encoder.engine.zero(d_hidden);
  encoder.engine.scatter_add_rows(
      {rows_of(pass, head.d_picked), encoder.batch.masked_rows, d_hidden});
}

}  // namespace

const Head& masked_words_head() {
  static constexpr Head kHead = {.class_suffix = "ForMaskedLM",
                                 .logits_of = LogitsOf::kMaskedTokens,
                                 .outputs = kOutputs,
                                 .list = list,
                                 .weights = kWeights,
                                 .plan = plan,
                                 .logits = logits,
                                 .loss_and_backward = loss_and_backward};
  return kHead;
}

const Head& pre_training_head() {
  static constexpr Head kHead = {.class_suffix = "ForPreTraining",
                                 .logits_of = LogitsOf::kMaskedTokens,
                                 .outputs = kOutputs,
                                 .list = list_pre_training,
                                 .weights = kWeights,
                                 .plan = plan,
                                 .logits = logits,
                                 .loss_and_backward = loss_and_backward};
  return kHead;
}

}  // namespace bertune
