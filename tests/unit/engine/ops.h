// SPDX-License-Identifier: Apache-2.0
// Every op of engine.h over the shapes that expose faults in kernels: single rows, widths that no
// vector divides, windows of one token, long windows, dropout on and off, aliased tensors. Usage:
//   for (const OpCase& op : op_cases()) expect_as_reference(op, *engine);
#pragma once

#include <numeric>
#include <string>
#include <vector>

#include "unit/engine/harness.h"

namespace bertune {

inline Dropout test_dropout(bool on) { return make_dropout(on ? 0.1 : 0.0, 0xB5297A4D3F84D5B5ull); }
inline std::string yes(bool condition, const std::string& word) {
  return condition ? "_" + word : "";
}

struct EmbedShape {
  int64_t rows, width;
  int64_t vocab = 23, positions = 11, types = 2;

  std::string name() const {
    return std::to_string(rows) + "x" + std::to_string(width) + yes(types == 0, "without_types");
  }
};

inline Outputs run_embed(Harness& h, const EmbedShape& s) {
  const Embed e{.ids = h.random_indices(s.rows, s.vocab),
                .positions = h.random_indices(s.rows, s.positions),
                .types = h.random_indices(s.rows, std::max<int64_t>(1, s.types)),
                .word = h.parameter(h.random(s.vocab, s.width)),
                .position = h.parameter(h.random(s.positions, s.width)),
                .type = s.types > 0 ? h.parameter(h.random(s.types, s.width)) : Tensor{},
                .out = h.assigned_activation(s.rows, s.width)};
  h.engine().embed(e);
  return {h.output("out", e.out, 3)};
}

inline Outputs run_embed_backward(Harness& h, const EmbedShape& s) {
  const std::vector<int32_t> ids = h.random_values(s.rows, s.vocab);
  const std::vector<int32_t> positions = h.random_values(s.rows, s.positions);
  const std::vector<int32_t> types = h.random_values(s.rows, std::max<int64_t>(1, s.types));
  const EmbedBackward e{.ids = h.indices(ids),
                        .positions = h.indices(positions),
                        .types = h.indices(types),
                        .by_id = h.order_by(ids),
                        .by_position = h.order_by(positions),
                        .by_type = h.order_by(types),
                        .d_out = h.activation(h.random(s.rows, s.width)),
                        .d_word = h.parameter(h.random(s.vocab, s.width)),
                        .d_position = h.parameter(h.random(s.positions, s.width)),
                        .d_type = s.types > 0 ? h.parameter(h.random(s.types, s.width)) : Tensor{}};
  h.engine().embed_backward(e);
  Outputs outputs{h.output("d_word", e.d_word, s.rows),
                  h.output("d_position", e.d_position, s.rows)};
  if (e.d_type) outputs.push_back(h.output("d_type", e.d_type, s.rows));
  return outputs;
}

struct LinearShape {
  int64_t rows, in, out;
  Activation activation = Activation::kNone;
  bool training = true;        // saves `pre` and needs d_x
  bool parameter_out = false;  // logits have the parameter type
  bool packed = false;         // the weight is packed, if the engine packs it

  std::string name() const {
    return std::to_string(rows) + "x" + std::to_string(in) + "x" + std::to_string(out) +
           yes(activation == Activation::kGelu, "gelu") +
           yes(activation == Activation::kGeluTanh, "gelu_tanh") +
           yes(activation == Activation::kTanh, "tanh") +
           yes(activation == Activation::kRelu, "relu") +
           yes(activation == Activation::kSilu, "silu") +
           yes(activation == Activation::kQuickGelu, "quick_gelu") +
           yes(activation == Activation::kMish, "mish") + yes(!training, "inference") +
           yes(parameter_out, "logits") + yes(packed, "packed");
  }
  bool has_pre() const { return training && activation != Activation::kNone; }
  double weight_scale() const { return 1.0 / std::sqrt(static_cast<double>(in)); }
};

struct TestWeight {
  Tensor plain, forward, backward;
};

// A random weight, plain or packed where the engine packs for `purpose`.
inline TestWeight test_weight(Harness& h, const LinearShape& s, Purpose purpose) {
  const HostMatrix values = h.random(s.out, s.in, s.weight_scale());
  const PackedSizes sizes = h.engine().packed_sizes(s.out, s.in, purpose);
  TestWeight weight{.plain = h.activation(values), .forward = {}, .backward = {}};
  if (!s.packed) return weight;
  if (sizes.forward > 0) weight.forward = h.assigned(DType::kBytes, 1, sizes.forward);
  if (sizes.backward > 0) weight.backward = h.assigned(DType::kBytes, 1, sizes.backward);
  h.engine().pack({h.parameter(values), weight.forward, weight.backward});
  return weight;
}

inline Outputs run_linear(Harness& h, const LinearShape& s) {
  const Tensor x = h.activation(h.random(s.rows, s.in));
  const TestWeight weight = test_weight(h, s, Purpose::kInference);
  const Linear l{.x = x,
                 .weight = weight.forward ? Tensor{} : weight.plain,
                 .packed = weight.forward,
                 .bias = h.parameter(h.random(1, s.out, 0.5)),
                 .activation = s.activation,
                 .pre = s.has_pre() ? h.assigned_activation(s.rows, s.out) : Tensor{},
                 .out = s.parameter_out ? h.assigned_parameter(s.rows, s.out)
                                        : h.assigned_activation(s.rows, s.out)};
  h.engine().linear(l);
  Outputs outputs{h.output("out", l.out, s.in)};
  if (l.pre) outputs.push_back(h.output("pre", l.pre, s.in));
  return outputs;
}

inline Outputs run_linear_backward(Harness& h, const LinearShape& s) {
  const Tensor x = h.activation(h.random(s.rows, s.in));
  const TestWeight weight = test_weight(h, s, Purpose::kTraining);
  const LinearBackward l{.x = x,
                         .weight = weight.backward ? Tensor{} : weight.plain,
                         .packed = weight.backward,
                         .activation = s.activation,
                         .pre = s.has_pre() ? h.activation(h.random(s.rows, s.out)) : Tensor{},
                         .d_out = h.activation(h.random(s.rows, s.out)),
                         .d_x = s.training ? h.assigned_activation(s.rows, s.in) : Tensor{},
                         .d_weight = h.parameter(h.random(s.out, s.in)),
                         .d_bias = h.parameter(h.random(1, s.out))};
  h.engine().linear_backward(l);
  // The gradient of `pre` is stored as an activation, and the other gradients inherit that
  // rounding.
  const DType precision = h.activation_type();
  Outputs outputs{h.output("d_weight", l.d_weight, s.rows, precision),
                  h.output("d_bias", l.d_bias, s.rows, precision)};
  if (l.d_x) outputs.push_back(h.output("d_x", l.d_x, s.out));
  return outputs;
}

struct AttentionShape {
  std::vector<int32_t> lengths;
  int64_t width;
  int32_t heads;
  bool dropout = false;
  double scale = 1.0;  // of queries and keys: large values make the softmax sharp

  std::string name() const {
    std::string name = std::to_string(width) + "w" + std::to_string(heads) + "h";
    for (const int32_t length : lengths) name += "_" + std::to_string(length);
    return name + yes(dropout, "dropout") + yes(scale != 1.0, "sharp");
  }
  int64_t max_length() const { return *std::max_element(lengths.begin(), lengths.end()); }
  // The relative error of exp(score) is the score times the score's own relative error, equivalent
  // to score^2 times the number of terms.
  int64_t reduction() const {
    const double score = std::max(1.0, scale * scale);
    return static_cast<int64_t>(score * score) * (width / heads + max_length());
  }
};

// Queries, keys and values, of which only queries and keys are scaled.
inline HostMatrix random_qkv(Harness& h, const AttentionShape& s, int64_t rows) {
  HostMatrix qkv = h.random(rows, 3 * s.width);
  for (int64_t i = 0; i < rows * 3 * s.width; ++i) {
    if (i % (3 * s.width) < 2 * s.width) qkv.values[static_cast<size_t>(i)] *= s.scale;
  }
  return qkv;
}

inline Attention attention_call(Harness& h, const AttentionShape& s, const Packing& packing,
                                const HostMatrix& qkv) {
  const Attention a{.qkv = h.activation(qkv),
                    .heads = s.heads,
                    .packing = packing,
                    .dropout = test_dropout(s.dropout),
                    .log_sum_exp = h.wide_parameter(s.heads, packing.rows),
                    .out = h.assigned_activation(packing.rows, s.width)};
  h.engine().attention(a);
  return a;
}

inline Outputs run_attention(Harness& h, const AttentionShape& s) {
  const Packing packing = h.packing(s.lengths);
  const Attention a = attention_call(h, s, packing, random_qkv(h, s, packing.rows));
  return {h.output("out", a.out, s.reduction()),
          h.output("log_sum_exp", a.log_sum_exp, s.reduction())};
}

// The exact engine computes what the forward op saves, so that only the backward op is judged.
inline Outputs run_attention_backward(Harness& h, const AttentionShape& s) {
  const std::unique_ptr<Engine> reference = make_reference_engine<double>();
  Harness exact(*reference, h.rounding());
  const Packing packing = h.packing(s.lengths);
  const HostMatrix qkv = random_qkv(h, s, packing.rows);
  const Attention saved = attention_call(exact, s, exact.packing(s.lengths), qkv);
  const AttentionBackward a{.qkv = h.activation(qkv),
                            .log_sum_exp = h.wide_parameter(exact.read(saved.log_sum_exp)),
                            .out = h.activation(exact.read(saved.out)),
                            .heads = s.heads,
                            .packing = packing,
                            .dropout = saved.dropout,
                            .d_out = h.activation(h.random(packing.rows, s.width)),
                            .d_qkv = h.assigned_activation(packing.rows, 3 * s.width)};
  h.engine().attention_backward(a);
  const int64_t n = s.reduction();
  Outputs outputs{h.output_columns("d_query", a.d_qkv, 0, s.width, n),
                  h.output_columns("d_key", a.d_qkv, s.width, s.width, n),
                  h.output_columns("d_value", a.d_qkv, 2 * s.width, s.width, n)};
  // A single key has probability 1 for every score, so the gradients are differences of equal
  // terms.
  if (s.max_length() == 1) outputs[0].terms = outputs[1].terms = s.scale;
  return outputs;
}

struct NormShape {
  int64_t rows, width;
  bool residual = true;  // backward: second part of the gradient
  bool dropout = false;
  bool in_place = false;  // sum aliases x; d_x aliases d_out, d_sum aliases d_out_residual
  bool training = true;   // forward: saves the statistics

  std::string name() const {
    return std::to_string(rows) + "x" + std::to_string(width) + yes(residual, "residual") +
           yes(dropout, "dropout") + yes(in_place, "in_place") + yes(!training, "inference");
  }
};

inline Outputs run_add_norm(Harness& h, const NormShape& s) {
  const Tensor x = h.activation(h.random(s.rows, s.width, 1.0, 0.3));
  const AddNorm n{
      .x = x,
      .residual = s.residual ? h.activation(h.random(s.rows, s.width, 1.0, -0.5)) : Tensor{},
      .row_keys = s.dropout ? h.row_keys(s.rows) : Tensor{},
      .dropout = test_dropout(s.dropout),
      .gamma = h.parameter(h.random(1, s.width, 0.2, 1.0)),
      .beta = h.parameter(h.random(1, s.width, 0.2)),
      .sum = s.in_place ? x : h.assigned_activation(s.rows, s.width),
      .mean = s.training ? h.assigned_parameter(1, s.rows) : Tensor{},
      .rstd = s.training ? h.assigned_parameter(1, s.rows) : Tensor{},
      .out = h.assigned_activation(s.rows, s.width)};
  h.engine().add_norm(n);
  Outputs outputs{h.output("sum", n.sum, 1), h.output("out", n.out, s.width)};
  if (s.training) {
    outputs.push_back(h.output("mean", n.mean, s.width));
    outputs.push_back(h.output("rstd", n.rstd, s.width));
  }
  return outputs;
}

inline Outputs run_add_norm_backward(Harness& h, const NormShape& s) {
  const std::unique_ptr<Engine> reference = make_reference_engine<double>();
  Harness exact(*reference, h.rounding());
  const HostMatrix sum = h.random(s.rows, s.width, 2.0, 0.3);
  const AddNorm saved{.x = exact.activation(sum),
                      .residual = {},
                      .row_keys = {},
                      .dropout = {},
                      .gamma = exact.parameter(h.random(1, s.width)),
                      .beta = exact.parameter(h.random(1, s.width)),
                      .sum = exact.assigned_activation(s.rows, s.width),
                      .mean = exact.assigned_parameter(1, s.rows),
                      .rstd = exact.assigned_parameter(1, s.rows),
                      .out = exact.assigned_activation(s.rows, s.width)};
  reference->add_norm(saved);
  const Tensor d_out = h.activation(h.random(s.rows, s.width));
  const Tensor d_out_residual = s.residual ? h.activation(h.random(s.rows, s.width)) : Tensor{};
  const bool sum_in_place = s.in_place && s.residual;
  AddNormBackward n{.sum = h.activation(sum),
                    .mean = h.parameter(exact.read(saved.mean)),
                    .rstd = h.parameter(exact.read(saved.rstd)),
                    .gamma = h.parameter(h.random(1, s.width, 0.2, 1.0)),
                    .row_keys = s.dropout ? h.row_keys(s.rows) : Tensor{},
                    .dropout = test_dropout(s.dropout),
                    .d_out = d_out,
                    .d_out_residual = d_out_residual,
                    .d_x = {},
                    .d_sum = sum_in_place ? d_out_residual : h.assigned_activation(s.rows, s.width),
                    .d_gamma = h.parameter(h.random(1, s.width)),
                    .d_beta = h.parameter(h.random(1, s.width))};
  if (s.dropout) n.d_x = s.in_place ? d_out : h.assigned_activation(s.rows, s.width);
  h.engine().add_norm_backward(n);
  Outputs outputs{h.output("d_sum", n.d_sum, s.width), h.output("d_gamma", n.d_gamma, s.rows),
                  h.output("d_beta", n.d_beta, s.rows)};
  if (n.d_x) outputs.push_back(h.output("d_x", n.d_x, s.width));
  return outputs;
}

inline Outputs run_dropout(Harness& h, const NormShape& s) {
  const Tensor x = h.activation(h.random(s.rows, s.width));
  const DropoutRows d{.x = x,
                      .row_keys = h.row_keys(s.rows),
                      .dropout = test_dropout(s.dropout),
                      .out = s.in_place ? x : h.assigned_activation(s.rows, s.width)};
  h.engine().dropout(d);
  return {h.output("out", d.out, 1)};
}

struct LossShape {
  std::vector<int32_t> lengths;
  int64_t columns = 2;
  double scale = 1.0;  // of the gradient
  double logit_scale = 1.0;
  bool activation_out = false;  // the gradient has the activation type

  std::string name() const {
    std::string name = std::to_string(columns) + "c";
    for (const int32_t length : lengths) name += "_" + std::to_string(length);
    return name + yes(scale != 1.0, "scaled") + yes(logit_scale != 1.0, "sharp") +
           yes(activation_out, "activation");
  }
};

// The loss of each target: the op is called for its segment alone, which leaves the sum of one
// loss. `segment_of` returns the call for target i, with a gradient tensor of its own.
template <typename SegmentOf>
Output losses_one_by_one(Harness& h, int64_t targets, int64_t reduction_length,
                         const SegmentOf& segment_of) {
  Output losses{.name = "loss",
                .values = {},
                .precision = h.parameter_type(),
                .reduction_length = reduction_length};
  for (int64_t i = 0; i < targets; ++i) {
    CrossEntropy e = segment_of(i);
    e.loss = h.sum();
    h.engine().cross_entropy(e);
    losses.values.push_back(h.read(e.loss).values[0]);
  }
  return losses;
}

// What `loss` gains is the sum of all losses.
inline Output sum_of_losses(Harness& h, Tensor loss, double start, int64_t reduction_length) {
  Output sum = h.output("sum of losses", loss, reduction_length, h.parameter_type());
  sum.values[0] -= start;
  return sum;
}

inline constexpr double kLossStart = 8.0;  // of sums to which an op adds

inline Outputs run_cross_entropy(Harness& h, const LossShape& s) {
  const Packing packing = h.packing(s.lengths);
  std::vector<int32_t> targets;
  for (const int32_t length : s.lengths) {
    for (int64_t c = 0; c < s.columns; ++c) targets.push_back(h.random_index(length));
  }
  const CrossEntropy e{.logits = h.parameter(h.random(packing.rows, s.columns, s.logit_scale)),
                       .packing = packing,
                       .targets = h.indices(targets, packing.windows),
                       .scale = s.scale,
                       .loss = h.sum(kLossStart),
                       .d_logits = s.activation_out
                                       ? h.assigned_activation(packing.rows, s.columns)
                                       : h.assigned_parameter(packing.rows, s.columns)};
  h.engine().cross_entropy(e);
  const Output losses =
      losses_one_by_one(h, packing.windows * s.columns, packing.max_length, [&](int64_t i) {
        const int64_t w = i / s.columns, c = i % s.columns, length = s.lengths[w];
        const int64_t begin = std::accumulate(s.lengths.begin(), s.lengths.begin() + w, int64_t{0});
        return CrossEntropy{.logits = e.logits.slice_rows(begin, length).slice_cols(c, 1),
                            .packing = h.packing({s.lengths[w]}),
                            .targets = e.targets.slice_rows(w, 1).slice_cols(c, 1),
                            .loss = {},
                            .d_logits = h.assigned_parameter(length, 1)};
      });
  return {losses, sum_of_losses(h, e.loss, kLossStart, packing.max_length),
          h.output("d_logits", e.d_logits, packing.max_length)};
}

struct RowLossShape {
  int64_t rows, columns;
  double scale = 1.0;
  double logit_scale = 1.0;
  bool activation_out = false;
  bool in_place = false;  // the gradient overwrites the logits

  std::string name() const {
    return std::to_string(rows) + "x" + std::to_string(columns) + yes(scale != 1.0, "scaled") +
           yes(logit_scale != 1.0, "sharp") + yes(activation_out, "activation") +
           yes(in_place, "in_place");
  }
  Tensor gradient(Harness& h, Tensor logits) const {
    if (in_place) return logits;
    return activation_out ? h.assigned_activation(rows, columns)
                          : h.assigned_parameter(rows, columns);
  }
};

inline Outputs run_row_cross_entropy(Harness& h, const RowLossShape& s) {
  std::vector<int32_t> targets;
  for (int64_t r = 0; r < s.rows; ++r) {
    targets.push_back(r % 5 == 3 ? -100 : h.random_index(s.columns));
  }
  const Tensor logits = h.parameter(h.random(s.rows, s.columns, s.logit_scale));
  const CrossEntropy e{.logits = logits,
                       .segment = Segment::kColumnsOfRow,
                       .packing = {},
                       .targets = h.indices(targets, s.rows),
                       .scale = s.scale,
                       .loss = h.sum(kLossStart),
                       .d_logits = s.gradient(h, logits)};
  // First, because the gradient may overwrite the logits.
  const Output losses = losses_one_by_one(h, s.rows, s.columns, [&](int64_t r) {
    return CrossEntropy{.logits = logits.slice_rows(r, 1),
                        .segment = Segment::kColumnsOfRow,
                        .packing = {},
                        .targets = e.targets.slice_rows(r, 1),
                        .loss = {},
                        .d_logits = h.assigned_parameter(1, s.columns)};
  });
  h.engine().cross_entropy(e);
  return {losses, sum_of_losses(h, e.loss, kLossStart, s.columns),
          h.output("d_logits", e.d_logits, s.columns)};
}

inline Outputs run_squared_error(Harness& h, const RowLossShape& s) {
  const SquaredError e{.predictions = h.parameter(h.random(s.rows, s.columns, s.logit_scale)),
                       .targets = h.parameter(h.random(s.rows, s.columns)),
                       .scale = s.scale,
                       .loss = h.sum(kLossStart),
                       .d_predictions = s.gradient(h, {})};
  h.engine().squared_error(e);
  Output losses{
      .name = "loss", .values = {}, .precision = h.parameter_type(), .reduction_length = 1};
  for (int64_t i = 0; i < s.rows * s.columns; ++i) {
    const auto element = [&](const Tensor& x) {
      return x.slice_rows(i / s.columns, 1).slice_cols(i % s.columns, 1);
    };
    const SquaredError one{.predictions = element(e.predictions),
                           .targets = element(e.targets),
                           .loss = h.sum(),
                           .d_predictions = h.assigned_parameter(1, 1)};
    h.engine().squared_error(one);
    losses.values.push_back(h.read(one.loss).values[0]);
  }
  return {losses, sum_of_losses(h, e.loss, kLossStart, 1),
          h.output("d_predictions", e.d_predictions, 1)};
}

inline Outputs run_binary_cross_entropy(Harness& h, const RowLossShape& s) {
  HostMatrix targets{s.rows, s.columns, {}};
  for (int64_t i = 0; i < s.rows * s.columns; ++i) targets.values.push_back(h.random_index(2));
  const Tensor logits = h.parameter(h.random(s.rows, s.columns, s.logit_scale));
  const BinaryCrossEntropy e{.logits = logits,
                             .targets = h.parameter(targets),
                             .scale = s.scale,
                             .loss = h.sum(kLossStart),
                             .d_logits = s.gradient(h, logits)};
  // First, because the gradient may overwrite the logits.
  Output losses{
      .name = "loss", .values = {}, .precision = h.parameter_type(), .reduction_length = 1};
  for (int64_t i = 0; i < s.rows * s.columns; ++i) {
    const auto element = [&](const Tensor& x) {
      return x.slice_rows(i / s.columns, 1).slice_cols(i % s.columns, 1);
    };
    const BinaryCrossEntropy one{.logits = element(e.logits),
                                 .targets = element(e.targets),
                                 .loss = h.sum(),
                                 .d_logits = h.assigned_parameter(1, 1)};
    h.engine().binary_cross_entropy(one);
    losses.values.push_back(h.read(one.loss).values[0]);
  }
  h.engine().binary_cross_entropy(e);
  return {losses, sum_of_losses(h, e.loss, kLossStart, 1), h.output("d_logits", e.d_logits, 1)};
}

struct GatherShape {
  int64_t rows, width, named;

  std::string name() const {
    return std::to_string(rows) + "x" + std::to_string(width) + "_" + std::to_string(named);
  }
};

inline Outputs run_gather_rows(Harness& h, const GatherShape& s) {
  const GatherRows g{.x = h.activation(h.random(s.rows, s.width)),
                     .rows = h.random_indices(s.named, s.rows),
                     .out = h.assigned_activation(s.named, s.width)};
  h.engine().gather_rows(g);
  return {h.output("out", g.out, 1)};
}

// Every row is listed at most once, because sums of activations are rounded at every step.
inline Outputs run_scatter_add_rows(Harness& h, const GatherShape& s) {
  std::vector<int32_t> rows;
  for (int64_t i = 0; i < s.named; ++i) rows.push_back(static_cast<int32_t>(s.rows - 1 - i));
  const ScatterAddRows a{.x = h.activation(h.random(s.named, s.width)),
                         .rows = h.indices(rows),
                         .out = h.activation(h.random(s.rows, s.width))};
  h.engine().scatter_add_rows(a);
  return {h.output("out", a.out, 1)};
}

struct AdamWShape {
  std::vector<int64_t> sizes;  // of the segments, which have gaps between them
  int step = 1;
  double weight_decay = 0.01;  // of every other segment
  bool weight = true;

  std::string name() const {
    std::string name;
    for (const int64_t size : sizes) name += std::to_string(size) + "_";
    return name + "step" + std::to_string(step) + yes(weight_decay > 0, "decay") +
           yes(weight, "weight");
  }
};

// Segments with a gap of kGap elements before each and after the last.
inline constexpr int64_t kGap = 3;
inline std::vector<AdamWSegment> adamw_segments(Harness& h, const AdamWShape& s) {
  std::vector<AdamWSegment> segments;
  int64_t offset = kGap;
  for (const int64_t size : s.sizes) {
    segments.push_back({.offset = offset,
                        .size = size,
                        .weight_decay = segments.size() % 2 == 0 ? s.weight_decay : 0.0,
                        .weight = s.weight ? h.assigned_activation(1, size) : Tensor{}});
    offset += size + kGap;
  }
  return segments;
}

inline Outputs run_adamw(Harness& h, const AdamWShape& s) {
  const std::vector<AdamWSegment> segments = adamw_segments(h, s);
  const int64_t size = segments.back().offset + segments.back().size + kGap;
  HostMatrix moment2 = h.random(1, size, 1e-2);
  for (double& value : moment2.values) value *= value;
  const AdamW a{.segments = segments,
                .gradient = h.parameter(h.random(1, size, 1e-2)),
                .gradient_scale = 0.7,
                .learning_rate = 3e-3,
                .bias_correction1 = 1.0 - std::pow(0.9, s.step),
                .bias_correction2 = 1.0 - std::pow(0.999, s.step),
                .parameter = h.parameter(h.random(1, size)),
                .moment1 = h.parameter(h.random(1, size, 1e-2)),
                .moment2 = h.parameter(moment2)};
  h.engine().adamw(a);
  Outputs outputs{h.output("parameter", a.parameter, 1), h.output("moment1", a.moment1, 1),
                  h.output("moment2", a.moment2, 1)};
  for (const AdamWSegment& segment : segments) {
    if (segment.weight) outputs.push_back(h.output("weight", segment.weight, 1));
  }
  return outputs;
}

inline Outputs run_squared_norm(Harness& h, int64_t rows, int64_t cols) {
  const Tensor x = h.parameter(h.random(rows, cols));
  const Tensor out = h.assigned(DType::kF64, 1, 1);
  h.engine().squared_norm(x, out);
  return {h.output("squared_norm", out, rows * cols, h.parameter_type())};
}

inline Outputs run_cast(Harness& h, int64_t rows, int64_t cols) {
  const Tensor x = h.parameter(h.random(rows, cols));
  const Tensor narrow = h.assigned_activation(rows, cols);
  const Tensor wide = h.assigned_parameter(rows, cols);
  h.engine().cast(x, narrow);
  h.engine().cast(narrow, wide);
  return {h.output("to_activation", narrow, 1),
          h.output("to_parameter", wide, 1, h.activation_type())};
}

template <typename Shape>
void add_cases(std::vector<OpCase>& cases, const std::string& op,
               Outputs (*run)(Harness&, const Shape&), const std::vector<Shape>& shapes) {
  for (const Shape& shape : shapes) {
    cases.push_back({op + "_" + shape.name(), [=](Harness& h) { return run(h, shape); }});
  }
}

inline std::vector<EmbedShape> embed_shapes() {
  return {{1, 16}, {7, 20}, {33, 64}, {129, 384, 300, 150, 2}, {9, 20, 23, 11, 0}};
}

inline std::vector<LinearShape> linear_shapes() {
  using enum Activation;
  std::vector<LinearShape> shapes{{1, 16, 16},
                                  {3, 20, 7},
                                  {17, 64, 48},
                                  {33, 384, 384},
                                  {5, 20, 20, kGelu},
                                  {40, 64, 256, kGelu},
                                  {9, 20, 36, kGeluTanh},
                                  {50, 384, 96, kGeluTanh},
                                  {33, 64, 128, kGelu, false},
                                  {9, 20, 36, kRelu},
                                  {9, 64, 36, kSilu},
                                  {40, 64, 36, kQuickGelu},
                                  {9, 20, 36, kMish},
                                  {13, 64, 20, kNone, false},
                                  {65, 64, 2, kNone, true, true},
                                  {129, 384, 2, kNone, true, true}};
  for (const LinearShape& shape : std::vector<LinearShape>{{1, 16, 16},
                                                           {3, 20, 9},
                                                           {7, 64, 64},
                                                           {8, 70, 130},
                                                           {13, 21, 66},
                                                           {1030, 20, 70},
                                                           {300, 384, 96},
                                                           {40, 64, 256, kGelu},
                                                           {33, 64, 130, kGelu, false},
                                                           {50, 384, 96, kGeluTanh},
                                                           {12, 384, 384, kTanh},
                                                           {12, 64, 130, kRelu},
                                                           {12, 64, 70, kSilu, false},
                                                           {12, 64, 70, kMish},
                                                           {5, 64, 20, kNone, true, true},
                                                           {9, 20, 4200, kNone, true, true}}) {
    shapes.push_back(shape);
    shapes.back().packed = true;
  }
  return shapes;
}

inline std::vector<AttentionShape> attention_shapes() {
  std::vector<AttentionShape> shapes;
  for (const bool dropout : {false, true}) {
    shapes.push_back({{1}, 16, 1, dropout});
    shapes.push_back({{1, 1, 3}, 20, 5, dropout});
    shapes.push_back({{5, 1, 16, 33}, 64, 2, dropout});
    shapes.push_back({{64, 17, 48}, 64, 4, dropout});
    shapes.push_back({{31, 32, 65}, 384, 12, dropout});
    shapes.push_back({{129, 3}, 128, 2, dropout, 3.0});
  }
  shapes.push_back({{384}, 128, 2, true});
  shapes.push_back({{260, 256}, 64, 2, true});  // the shorter window may need more scratch
  return shapes;
}

inline std::vector<NormShape> norm_shapes() {
  return {{1, 16},
          {3, 20, true, true},
          {5, 64, false},
          {17, 64, true, true, true},
          {9, 384, true, false, true},
          {33, 384, true, true},
          {130, 768, true, true, true},
          {7, 20, false, true, true},
          {6, 64, true, false, true, false},
          {4, 384, false, false, false, false}};
}

inline std::vector<LossShape> loss_shapes() {
  return {{{1}},
          {{5, 1, 16}},
          {{33, 7, 64, 2}, 2, 0.25},
          {{129, 384}, 2, 1.0, 8.0},
          {{20, 3}, 3},
          {{33, 7}, 2, 0.25, 1.0, true}};
}

inline std::vector<RowLossShape> row_loss_shapes() {
  return {{1, 1},
          {7, 3},
          {33, 17, 0.25},
          {5, 1000, 1.0, 8.0},
          {9, 20, 0.5, 1.0, true},
          {6, 30522, 1.0, 2.0, true},
          {12, 40, 1.0, 1.0, false, true}};
}

inline std::vector<GatherShape> gather_shapes() {
  return {{1, 16, 1}, {9, 20, 4}, {33, 384, 33}, {200, 70, 90}};
}

inline std::vector<AdamWShape> adamw_shapes() {
  return {{{1}},
          {{15}, 1, 0.0},
          {{1000}, 10},
          {{4097}, 100, 0.01, false},
          {{65}, 3, 0.0, false},
          {{20, 1, 16384, 0, 7}, 5}};
}

inline std::vector<OpCase> op_cases() {
  std::vector<OpCase> cases;
  add_cases(cases, "embed", run_embed, embed_shapes());
  add_cases(cases, "embed_backward", run_embed_backward, embed_shapes());
  add_cases(cases, "linear", run_linear, linear_shapes());
  add_cases(cases, "attention", run_attention, attention_shapes());
  add_cases(cases, "attention_backward", run_attention_backward, attention_shapes());
  add_cases(cases, "add_norm", run_add_norm, norm_shapes());
  add_cases(cases, "add_norm_backward", run_add_norm_backward, norm_shapes());
  add_cases(cases, "dropout", run_dropout, norm_shapes());
  add_cases(cases, "cross_entropy", run_cross_entropy, loss_shapes());
  add_cases(cases, "cross_entropy_of_rows", run_row_cross_entropy, row_loss_shapes());
  add_cases(cases, "gather_rows", run_gather_rows, gather_shapes());
  add_cases(cases, "scatter_add_rows", run_scatter_add_rows, gather_shapes());
  add_cases(cases, "squared_error", run_squared_error,
            std::vector<RowLossShape>{{1, 1}, {33, 1, 0.5}, {7, 3, 0.25, 2.0, true}});
  add_cases(cases, "binary_cross_entropy", run_binary_cross_entropy,
            std::vector<RowLossShape>{{1, 1},
                                      {33, 17, 0.25},
                                      {5, 28, 1.0, 8.0},
                                      {9, 20, 0.5, 1.0, true},
                                      {12, 40, 1.0, 1.0, false, true}});
  add_cases(cases, "adamw", run_adamw, adamw_shapes());
  for (LinearShape shape : linear_shapes()) {
    if (!shape.training) shape.activation = Activation::kNone;  // the backward op needs `pre`
    cases.push_back({"linear_backward_" + shape.name(),
                     [=](Harness& h) { return run_linear_backward(h, shape); }});
  }
  for (const int64_t size : {int64_t{1}, int64_t{1000}, int64_t{100003}}) {
    cases.push_back({"squared_norm_" + std::to_string(size),
                     [=](Harness& h) { return run_squared_norm(h, 1, size); }});
  }
  cases.push_back({"cast_3x20", [](Harness& h) { return run_cast(h, 3, 20); }});
  cases.push_back({"cast_17x384", [](Harness& h) { return run_cast(h, 17, 384); }});
  return cases;
}

}  // namespace bertune
