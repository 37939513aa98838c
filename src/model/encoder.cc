// SPDX-License-Identifier: Apache-2.0
#include "model/encoder.h"

#include <algorithm>

#include "base/random.h"
#include "model/family.h"

namespace bertune {
namespace {

// The places where dropout is applied. They are part of its key, so their order must never change.
enum class Site : uint64_t { kEmbedding, kAttention, kAttentionOutput, kOutput };

Dropout dropout_at(const EncoderPass& pass, double probability, int64_t layer, Site site) {
  if (pass.dropout_key == 0) return {};
  const uint64_t place = static_cast<uint64_t>(layer) * 4 + static_cast<uint64_t>(site);
  return make_dropout(probability, fold(pass.dropout_key, place));
}

Dropout hidden_dropout(const EncoderPass& pass, int64_t layer, Site site) {
  return dropout_at(pass, pass.config.hidden_dropout_prob, layer, site);
}

Dropout attention_output_dropout(const EncoderPass& pass, int64_t layer) {
  if (!family_of(pass.config).attention_output_dropout) return {};
  return hidden_dropout(pass, layer, Site::kAttentionOutput);
}

Dropout attention_dropout(const EncoderPass& pass, int64_t layer) {
  return dropout_at(pass, pass.config.attention_probs_dropout_prob, layer, Site::kAttention);
}

// The rows of this batch, in memory planned for the largest one.
Tensor rows_of(const EncoderPass& pass, const Tensor& planned) {
  return planned ? planned.slice_rows(0, pass.batch.packing.rows) : Tensor{};
}
Tensor cols_of(const EncoderPass& pass, const Tensor& planned) {
  return planned ? planned.slice_cols(0, pass.batch.packing.rows) : Tensor{};
}

NormActivations norm_of(const EncoderPass& pass, const NormActivations& planned) {
  return {rows_of(pass, planned.sum), cols_of(pass, planned.mean), cols_of(pass, planned.rstd)};
}

LayerActivations layer_of(const EncoderPass& pass, int64_t layer) {
  const auto& layers = pass.activations.layers;
  const LayerActivations& planned = layers[std::min<size_t>(layer, layers.size() - 1)];
  const auto& outputs = pass.activations.outputs;
  return {.qkv = rows_of(pass, planned.qkv),
          .log_sum_exp = cols_of(pass, planned.log_sum_exp),
          .context = rows_of(pass, planned.context),
          .attention_norm = norm_of(pass, planned.attention_norm),
          .attended = rows_of(pass, planned.attended),
          .pre = rows_of(pass, planned.pre),
          .inner = rows_of(pass, planned.inner),
          .output_norm = norm_of(pass, planned.output_norm),
          .out = rows_of(pass, outputs.empty() ? planned.out : outputs[layer])};
}

EncoderGradients gradients_of(const EncoderPass& pass, const EncoderGradients& planned) {
  return {rows_of(pass, planned.branch),
          rows_of(pass, planned.residual),
          rows_of(pass, planned.context),
          rows_of(pass, planned.qkv),
          rows_of(pass, planned.inner),
          rows_of(pass, planned.embedded_branch),
          rows_of(pass, planned.embedded_residual)};
}

// out = LayerNorm(dropout(sum) + residual), where `sum` holds the branch and is overwritten.
void add_norm(const EncoderPass& pass, const NormActivations& norm, const NormParams& params,
              const Tensor& residual, const Dropout& dropout, const Tensor& out) {
  pass.engine.add_norm({.x = norm.sum,
                        .residual = residual,
                        .row_keys = pass.batch.packing.row_keys,
                        .dropout = dropout,
                        .gamma = params.gamma,
                        .beta = params.beta,
                        .epsilon = pass.config.layer_norm_eps,
                        .sum = norm.sum,
                        .mean = norm.mean,
                        .rstd = norm.rstd,
                        .out = out});
}

// Turns the two gradients that are added at the LayerNorm's output into those of branch and
// residual, in place.
void add_norm_backward(const EncoderPass& pass, const NormActivations& norm,
                       const NormParams& params, const Dropout& dropout,
                       const EncoderGradients& gradients, bool residual_given,
                       const NormParams& d_params) {
  pass.engine.add_norm_backward({.sum = norm.sum,
                                 .mean = norm.mean,
                                 .rstd = norm.rstd,
                                 .gamma = params.gamma,
                                 .row_keys = pass.batch.packing.row_keys,
                                 .dropout = dropout,
                                 .d_out = gradients.branch,
                                 .d_out_residual = residual_given ? gradients.residual : Tensor{},
                                 .d_x = gradients.branch,
                                 .d_sum = gradients.residual,
                                 .d_gamma = d_params.gamma,
                                 .d_beta = d_params.beta});
}

// The input of the first layer.
Tensor first_input(const EncoderPass& pass) {
  const Tensor projected = rows_of(pass, pass.activations.projected);
  return projected ? projected : rows_of(pass, pass.activations.embedded);
}

void project(const EncoderPass& pass) {
  const Tensor projected = rows_of(pass, pass.activations.projected);
  if (!projected) return;
  pass.engine.mark("projection", -1);
  pass.engine.linear({.x = rows_of(pass, pass.activations.embedded),
                      .weight = pass.weights.projection.plain,
                      .packed = pass.weights.projection.forward,
                      .bias = pass.params.projection.bias,
                      .out = projected});
}

// A linear map, so each of the two gradients that are added later passes through it alone.
void project_backward(const EncoderPass& pass, const Tensor& d_projected, const Tensor& d_embedded,
                      const BertParams& d_params) {
  pass.engine.mark("projection", -1);
  pass.engine.linear_backward({.x = rows_of(pass, pass.activations.embedded),
                               .weight = pass.weights.projection.plain,
                               .packed = pass.weights.projection.backward,
                               .d_out = d_projected,
                               .d_x = d_embedded,
                               .d_weight = d_params.projection.weight,
                               .d_bias = d_params.projection.bias});
}

Tensor embeddings_forward(const EncoderPass& pass) {
  const NormActivations norm = norm_of(pass, pass.activations.embedding_norm);
  const Tensor out = rows_of(pass, pass.activations.embedded);
  pass.engine.mark("embeddings", -1);
  pass.engine.embed({.ids = pass.batch.ids,
                     .positions = pass.batch.positions,
                     .types = pass.batch.types,
                     .word = pass.params.word,
                     .position = pass.params.position,
                     .type = pass.params.type,
                     .out = norm.sum});
  add_norm(pass, norm, pass.params.embedding_norm, {}, {}, out);
  if (const Dropout dropout = hidden_dropout(pass, 0, Site::kEmbedding)) {
    pass.engine.dropout({out, pass.batch.packing.row_keys, dropout, out});
  }
  project(pass);
  return first_input(pass);
}

void embeddings_backward(const EncoderPass& pass, EncoderGradients gradients,
                         const BertParams& d_params) {
  if (pass.activations.projected) {
    project_backward(pass, gradients.branch, gradients.embedded_branch, d_params);
    project_backward(pass, gradients.residual, gradients.embedded_residual, d_params);
    gradients.branch = gradients.embedded_branch;
    gradients.residual = gradients.embedded_residual;
  }
  pass.engine.mark("embeddings", -1);
  if (const Dropout dropout = hidden_dropout(pass, 0, Site::kEmbedding)) {
    for (const Tensor& gradient : {gradients.branch, gradients.residual}) {
      pass.engine.dropout({gradient, pass.batch.packing.row_keys, dropout, gradient});
    }
  }
  const NormActivations norm = norm_of(pass, pass.activations.embedding_norm);
  add_norm_backward(pass, norm, pass.params.embedding_norm, {}, gradients, true,
                    d_params.embedding_norm);
  pass.engine.embed_backward({.ids = pass.batch.ids,
                              .positions = pass.batch.positions,
                              .types = pass.batch.types,
                              .by_id = pass.batch.by_id,
                              .by_position = pass.batch.by_position,
                              .by_type = pass.batch.by_type,
                              .d_out = gradients.residual,
                              .d_word = d_params.word,
                              .d_position = d_params.position,
                              .d_type = d_params.type});
}

void layer_forward(const EncoderPass& pass, int64_t index, const Tensor& x) {
  Engine& engine = pass.engine;
  const LayerActivations layer = layer_of(pass, index);
  const LayerParams& params = pass.params.layers[index];
  const LayerWeights& weights = pass.weights.layers[index];

  engine.mark("qkv", index);
  engine.linear({.x = x,
                 .weight = weights.qkv.plain,
                 .packed = weights.qkv.forward,
                 .bias = params.qkv.bias,
                 .out = layer.qkv});
  engine.mark("attention", index);
  engine.attention({.qkv = layer.qkv,
                    .heads = static_cast<int32_t>(pass.config.num_attention_heads),
                    .packing = pass.batch.packing,
                    .dropout = attention_dropout(pass, index),
                    .log_sum_exp = layer.log_sum_exp,
                    .out = layer.context});
  engine.mark("attention_output", index);
  engine.linear({.x = layer.context,
                 .weight = weights.output.plain,
                 .packed = weights.output.forward,
                 .bias = params.output.bias,
                 .out = layer.attention_norm.sum});
  engine.mark("attention_norm", index);
  add_norm(pass, layer.attention_norm, params.attention_norm, x,
           attention_output_dropout(pass, index), layer.attended);

  engine.mark("up", index);
  engine.linear({.x = layer.attended,
                 .weight = weights.up.plain,
                 .packed = weights.up.forward,
                 .bias = params.up.bias,
                 .activation = pass.config.hidden_act,
                 .pre = layer.pre,
                 .out = layer.inner});
  engine.mark("down", index);
  engine.linear({.x = layer.inner,
                 .weight = weights.down.plain,
                 .packed = weights.down.forward,
                 .bias = params.down.bias,
                 .out = layer.output_norm.sum});
  engine.mark("output_norm", index);
  add_norm(pass, layer.output_norm, params.output_norm, layer.attended,
           hidden_dropout(pass, index, Site::kOutput), layer.out);
}

void feed_forward_backward(const EncoderPass& pass, int64_t index,
                           const EncoderGradients& gradients, const LayerParams& d_params) {
  const LayerActivations layer = layer_of(pass, index);
  const LayerWeights& weights = pass.weights.layers[index];
  pass.engine.mark("down", index);
  pass.engine.linear_backward({.x = layer.inner,
                               .weight = weights.down.plain,
                               .packed = weights.down.backward,
                               .d_out = gradients.branch,
                               .d_x = gradients.inner,
                               .d_weight = d_params.down.weight,
                               .d_bias = d_params.down.bias});
  pass.engine.mark("up", index);
  pass.engine.linear_backward({.x = layer.attended,
                               .weight = weights.up.plain,
                               .packed = weights.up.backward,
                               .activation = pass.config.hidden_act,
                               .pre = layer.pre,
                               .d_out = gradients.inner,
                               .d_x = gradients.branch,
                               .d_weight = d_params.up.weight,
                               .d_bias = d_params.up.bias});
}

void attention_block_backward(const EncoderPass& pass, int64_t index, const Tensor& x,
                              const EncoderGradients& gradients, const LayerParams& d_params) {
  const LayerActivations layer = layer_of(pass, index);
  const LayerWeights& weights = pass.weights.layers[index];
  pass.engine.mark("attention_output", index);
  pass.engine.linear_backward({.x = layer.context,
                               .weight = weights.output.plain,
                               .packed = weights.output.backward,
                               .d_out = gradients.branch,
                               .d_x = gradients.context,
                               .d_weight = d_params.output.weight,
                               .d_bias = d_params.output.bias});
  pass.engine.mark("attention", index);
  pass.engine.attention_backward({.qkv = layer.qkv,
                                  .log_sum_exp = layer.log_sum_exp,
                                  .out = layer.context,
                                  .heads = static_cast<int32_t>(pass.config.num_attention_heads),
                                  .packing = pass.batch.packing,
                                  .dropout = attention_dropout(pass, index),
                                  .d_out = gradients.context,
                                  .d_qkv = gradients.qkv});
  pass.engine.mark("qkv", index);
  pass.engine.linear_backward({.x = x,
                               .weight = weights.qkv.plain,
                               .packed = weights.qkv.backward,
                               .d_out = gradients.qkv,
                               .d_x = gradients.branch,
                               .d_weight = d_params.qkv.weight,
                               .d_bias = d_params.qkv.bias});
}

// On entry, the gradients are those of the layer's output (only the branch if `residual_given` is
// false). On return, they are those of its input.
void layer_backward(const EncoderPass& pass, int64_t index, const Tensor& x,
                    const EncoderGradients& gradients, bool residual_given,
                    const LayerParams& d_params) {
  const LayerActivations layer = layer_of(pass, index);
  const LayerParams& params = pass.params.layers[index];
  pass.engine.mark("output_norm", index);
  add_norm_backward(pass, layer.output_norm, params.output_norm,
                    hidden_dropout(pass, index, Site::kOutput), gradients, residual_given,
                    d_params.output_norm);
  feed_forward_backward(pass, index, gradients, d_params);
  pass.engine.mark("attention_norm", index);
  add_norm_backward(pass, layer.attention_norm, params.attention_norm,
                    attention_output_dropout(pass, index), gradients, true,
                    d_params.attention_norm);
  attention_block_backward(pass, index, x, gradients, d_params);
}

}  // namespace

void plan_activations(const BertConfig& config, const ActivationsPlan& of, Arena& arena,
                      EncoderActivations& activations) {
  const int64_t width = config.hidden_size, max_rows = of.max_rows;
  const DTypes dtypes = of.dtypes;
  const bool training = of.purpose == Purpose::kTraining;
  const bool recompute = training && of.recompute == Recompute::kOn;
  const auto plan = [&](Tensor& slot, int64_t cols) {
    arena.plan(slot, "activations", dtypes.activation, max_rows, cols);
  };
  const auto plan_norm = [&](NormActivations& norm, int64_t cols) {
    plan(norm.sum, cols);
    if (!training) return;
    arena.plan(norm.mean, "activations", dtypes.parameter, 1, max_rows);
    arena.plan(norm.rstd, "activations", dtypes.parameter, 1, max_rows);
  };
  plan_norm(activations.embedding_norm, config.embedding_width());
  plan(activations.embedded, config.embedding_width());
  if (config.embedding_width() != width) plan(activations.projected, width);
  activations.layers.resize(training && !recompute ? config.num_hidden_layers : 1);
  for (LayerActivations& layer : activations.layers) {
    plan(layer.qkv, 3 * width);
    arena.plan(layer.log_sum_exp, "activations", dtypes.parameter, config.num_attention_heads,
               max_rows);
    plan(layer.context, width);
    plan_norm(layer.attention_norm, width);
    plan(layer.attended, width);
    if (training) plan(layer.pre, config.intermediate_size);
    plan(layer.inner, config.intermediate_size);
    plan_norm(layer.output_norm, width);
    if (!recompute) plan(layer.out, width);
  }
  activations.outputs.resize(recompute ? config.num_hidden_layers : 0);
  for (Tensor& output : activations.outputs) plan(output, width);
}

void plan_gradients(const BertConfig& config, DTypes dtypes, int64_t max_rows, Arena& arena,
                    EncoderGradients& gradients) {
  const int64_t width = config.hidden_size;
  const auto plan = [&](Tensor& slot, int64_t cols) {
    arena.plan(slot, "activation gradients", dtypes.activation, max_rows, cols);
  };
  plan(gradients.branch, width);
  plan(gradients.residual, width);
  plan(gradients.context, width);
  plan(gradients.qkv, 3 * width);
  plan(gradients.inner, config.intermediate_size);
  if (config.embedding_width() == width) return;
  plan(gradients.embedded_branch, config.embedding_width());
  plan(gradients.embedded_residual, config.embedding_width());
}

// Its dropout key uses the index one past the last layer, which no layer has.
Dropout head_dropout(const EncoderPass& pass, double probability, HeadSite site) {
  return dropout_at(pass, probability, pass.config.num_hidden_layers, static_cast<Site>(site));
}

Tensor encoder_forward(const EncoderPass& pass) {
  Tensor hidden = embeddings_forward(pass);
  for (int64_t index = 0; index < pass.config.num_hidden_layers; ++index) {
    layer_forward(pass, index, hidden);
    // In inference all layers share the same memory, and the next one reads its input from it while
    // it writes. This works because `out` is written last, after the last read of the input.
    hidden = layer_of(pass, index).out;
  }
  return hidden;
}

void encoder_backward(const EncoderPass& pass, const EncoderGradients& planned,
                      const BertParams& d_params) {
  const EncoderGradients gradients = gradients_of(pass, planned);
  const int64_t last = pass.config.num_hidden_layers - 1;
  for (int64_t index = last; index >= 0; --index) {
    const Tensor x = index > 0 ? layer_of(pass, index - 1).out : first_input(pass);
    // The last layer's activations are still in memory. Dropout is a function of its key, so the
    // second forward pass reproduces the first bit for bit.
    if (!pass.activations.outputs.empty() && index != last) layer_forward(pass, index, x);
    layer_backward(pass, index, x, gradients, index != last, d_params.layers[index]);
  }
  embeddings_backward(pass, gradients, d_params);
}

}  // namespace bertune
