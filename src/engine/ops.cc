// SPDX-License-Identifier: Apache-2.0
// The table of ops: for each its name in traces, the shapes and element types that engine.h
// requires, as a CHECK for each, and its cost.
#include "engine/ops.h"

#include <initializer_list>

namespace bertune {
namespace {

struct Shape {
  int64_t rows, cols;
};

// Whether x has this shape and element type, and memory if it has elements.
bool is(const Tensor& x, Shape shape, DType dtype) {
  return (x || x.size() == 0) && x.rows == shape.rows && x.cols == shape.cols && x.dtype == dtype;
}
bool is_or_empty(const Tensor& x, Shape shape, DType dtype) { return !x || is(x, shape, dtype); }

// Rows beside, or instead of, those of another tensor.
bool are_int8_or_empty(const Int8Rows& x, Shape shape) {
  return !x || (is(x.values, shape, DType::kI8) && is(x.scales, {1, shape.rows}, DType::kF32));
}

bool are_row_keys(const Tensor& row_keys, const Dropout& dropout, int64_t rows) {
  return dropout ? is(row_keys, {1, rows}, DType::kU64) : true;
}

void check_packing(const Packing& p) {
  CHECK(p.windows >= 0 && p.rows >= 0);
  CHECK(is(p.offsets, {1, p.windows + 1}, DType::kI32));
}

// Checks the packing, and its keys where dropout reads them.
void check_packing(const Packing& p, const Dropout& dropout) {
  check_packing(p);
  CHECK(are_row_keys(p.row_keys, dropout, p.rows));
}

void check_indices(const Tensor& ids, const Tensor& positions, const Tensor& types, int64_t rows) {
  CHECK(is(ids, {1, rows}, DType::kI32));
  CHECK(is(positions, {1, rows}, DType::kI32));
  CHECK(is(types, {1, rows}, DType::kI32));
}

void check_table(const Tensor& table, int64_t width, DType dtype) {
  CHECK(is(table, {table.rows, width}, dtype));
}

// A weight may be given plain, packed or both.
void check_weight(const Tensor& weight, const Tensor& packed, Shape shape, DType dtype) {
  CHECK(weight || packed);
  CHECK(is_or_empty(weight, shape, dtype));
  CHECK(is_or_empty(packed, {1, packed.cols}, DType::kBytes));
}

// The gradient of a loss has either the activation type, which the backward pass reads, or the
// parameter type.
void check_gradient(const Tensor& x, Shape shape, DTypes types) {
  CHECK(is(x, shape, types.parameter) || is(x, shape, types.activation));
}

// A loss of each element of x with its own target.
void check_loss_of_elements(const Tensor& x, const Tensor& targets, const Tensor& loss,
                            const Tensor& d_x, DTypes types) {
  const Shape shape{x.rows, x.cols};
  CHECK(is(x, shape, types.parameter));
  CHECK(is(targets, shape, types.parameter));
  CHECK(is(loss, {1, 1}, DType::kF64));
  check_gradient(d_x, shape, types);
}

double bytes_of(const Tensor& x) {
  return x ? static_cast<double>(x.size()) * static_cast<double>(size_of(x.dtype)) : 0.0;
}

double bytes_of(std::initializer_list<Tensor> tensors) {
  double bytes = 0.0;
  for (const Tensor& tensor : tensors) bytes += bytes_of(tensor);
  return bytes;
}

// The bytes of `rows` rows that are looked up in a table.
double bytes_of_rows(const Tensor& table, int64_t rows) {
  return static_cast<double>(rows * table.cols) * static_cast<double>(size_of(table.dtype));
}

double product_flop(const Tensor& x, const Tensor& out) {
  return 2.0 * static_cast<double>(x.size()) * static_cast<double>(out.cols);
}

OpCost cost_of_copy(const Tensor& x, const Tensor& out) {
  const Tensor& shape = out ? out : x;
  return {.rows = shape.rows, .cols = shape.cols, .bytes = bytes_of({x, out})};
}

const char* name(const Upload&) { return "upload"; }
void check(const Upload& u, DTypes) { CHECK(u.out.is_dense()); }
OpCost cost(const Upload& u) { return cost_of_copy({}, u.out); }

const char* name(const Download&) { return "download"; }
void check(const Download& d, DTypes) { CHECK(d.x.is_dense()); }
OpCost cost(const Download& d) { return cost_of_copy(d.x, {}); }

const char* name(const Zero&) { return "zero"; }
void check(const Zero& z, DTypes) { CHECK(z.out); }
OpCost cost(const Zero& z) { return cost_of_copy({}, z.out); }

const char* name(const Pack&) { return "pack"; }
void check(const Pack& p, DTypes types) {
  CHECK(is(p.weight, {p.weight.rows, p.weight.cols}, types.parameter));
  CHECK(is_or_empty(p.forward, {1, p.forward.cols}, DType::kBytes));
  CHECK(is_or_empty(p.backward, {1, p.backward.cols}, DType::kBytes));
}
OpCost cost(const Pack& p) {
  return {.rows = p.weight.rows,
          .cols = p.weight.cols,
          .bytes = bytes_of({p.weight, p.forward, p.backward})};
}

const char* name(const Embed&) { return "embed"; }
void check(const Embed& e, DTypes types) {
  CHECK(is(e.out, {e.out.rows, e.out.cols}, types.activation));
  check_indices(e.ids, e.positions, e.types, e.out.rows);
  check_table(e.word, e.out.cols, types.parameter);
  check_table(e.position, e.out.cols, types.parameter);
  if (e.type) check_table(e.type, e.out.cols, types.parameter);
}
// Rows of the position and type tables recur so often that only those of the word table count.
OpCost cost(const Embed& e) {
  return {
      .rows = e.out.rows,
      .cols = e.out.cols,
      .bytes = bytes_of({e.ids, e.positions, e.types, e.out}) + bytes_of_rows(e.word, e.out.rows)};
}

const char* name(const EmbedBackward&) { return "embed_backward"; }
void check(const EmbedBackward& e, DTypes types) {
  CHECK(is(e.d_out, {e.d_out.rows, e.d_out.cols}, types.activation));
  check_indices(e.ids, e.positions, e.types, e.d_out.rows);
  check_indices(e.by_id, e.by_position, e.by_type, e.d_out.rows);
  check_table(e.d_word, e.d_out.cols, types.parameter);
  check_table(e.d_position, e.d_out.cols, types.parameter);
  if (e.d_type) check_table(e.d_type, e.d_out.cols, types.parameter);
}
OpCost cost(const EmbedBackward& e) {
  return {.rows = e.d_out.rows,
          .cols = e.d_out.cols,
          .bytes = bytes_of({e.ids, e.positions, e.types, e.by_id, e.by_position, e.by_type}) +
                   bytes_of(e.d_out) + 2.0 * bytes_of_rows(e.d_word, e.d_out.rows)};
}

const char* name(const Linear&) { return "linear"; }
void check(const Linear& l, DTypes types) {
  const Tensor& x = l.x_int8 ? l.x_int8.values : l.x;
  const Shape out{x.rows, l.out.cols};
  CHECK(!l.x != !l.x_int8);
  CHECK(is_or_empty(l.x, {x.rows, x.cols}, types.activation));
  CHECK(are_int8_or_empty(l.x_int8, {x.rows, x.cols}));
  check_weight(l.weight, l.packed, {out.cols, x.cols}, types.activation);
  CHECK(is(l.bias, {1, out.cols}, types.parameter));
  CHECK(is_or_empty(l.pre, out, types.activation));
  CHECK(is(l.out, out, types.activation) || is(l.out, out, types.parameter));
}
OpCost cost(const Linear& l) {
  const Tensor& x = l.x_int8 ? l.x_int8.values : l.x;
  return {.rows = x.rows,
          .cols = l.out.cols,
          .depth = x.cols,
          .flop = product_flop(x, l.out),
          .bytes =
              bytes_of({x, l.x_int8.scales, l.packed ? l.packed : l.weight, l.bias, l.pre, l.out})};
}

const char* name(const LinearBackward&) { return "linear_backward"; }
void check(const LinearBackward& l, DTypes types) {
  const Shape out{l.x.rows, l.d_out.cols};
  CHECK(is(l.x, {l.x.rows, l.x.cols}, types.activation));
  check_weight(l.weight, l.packed, {out.cols, l.x.cols}, types.activation);
  CHECK(l.activation == Activation::kNone ? !l.pre : is(l.pre, out, types.activation));
  CHECK(is(l.d_out, out, types.activation));
  CHECK(is_or_empty(l.d_x, {l.x.rows, l.x.cols}, types.activation));
  CHECK(is(l.d_weight, {out.cols, l.x.cols}, types.parameter));
  CHECK(is(l.d_bias, {1, out.cols}, types.parameter));
}
OpCost cost(const LinearBackward& l) {
  const double products = l.d_x ? 2.0 : 1.0;
  return {.rows = l.d_out.rows,
          .cols = l.d_out.cols,
          .depth = l.x.cols,
          .flop = products * product_flop(l.x, l.d_out),
          .bytes = bytes_of({l.x, l.packed ? l.packed : l.weight, l.pre, l.d_out, l.d_x}) +
                   2.0 * bytes_of({l.d_weight, l.d_bias})};
}

const char* name(const Attention&) { return "attention"; }
void check(const Attention& a, DTypes types) {
  const Shape out{a.packing.rows, a.qkv.cols / 3};
  check_packing(a.packing, a.dropout);
  CHECK(a.heads > 0 && a.qkv.cols % 3 == 0 && out.cols % a.heads == 0);
  CHECK(is(a.qkv, {out.rows, 3 * out.cols}, types.activation));
  CHECK(is(a.log_sum_exp, {a.heads, out.rows}, types.parameter));
  CHECK(is(a.out, out, types.activation));
  CHECK(are_int8_or_empty(a.out_int8, out));
}
OpCost cost(const Attention& a) {
  return {.rows = a.out.rows,
          .cols = a.out.cols,
          .depth = a.packing.max_length,
          .flop = 4.0 * static_cast<double>(a.out.cols) * a.packing.squared_lengths,
          .bytes = bytes_of({a.qkv, a.log_sum_exp, a.out, a.out_int8.values, a.out_int8.scales})};
}

const char* name(const AttentionBackward&) { return "attention_backward"; }
void check(const AttentionBackward& a, DTypes types) {
  check(Attention{.qkv = a.qkv,
                  .heads = a.heads,
                  .packing = a.packing,
                  .dropout = a.dropout,
                  .log_sum_exp = a.log_sum_exp,
                  .out = a.out},
        types);
  CHECK(is(a.d_out, {a.out.rows, a.out.cols}, types.activation));
  CHECK(is(a.d_qkv, {a.qkv.rows, a.qkv.cols}, types.activation));
}
OpCost cost(const AttentionBackward& a) {
  return {.rows = a.out.rows,
          .cols = a.out.cols,
          .depth = a.packing.max_length,
          .flop = 8.0 * static_cast<double>(a.out.cols) * a.packing.squared_lengths,
          .bytes = bytes_of({a.qkv, a.log_sum_exp, a.out, a.d_out, a.d_qkv})};
}

const char* name(const AddNorm&) { return "add_norm"; }
void check(const AddNorm& n, DTypes types) {
  const Shape shape{n.x.rows, n.x.cols};
  CHECK(is(n.x, shape, types.activation));
  CHECK(is_or_empty(n.residual, shape, types.activation));
  CHECK(are_row_keys(n.row_keys, n.dropout, shape.rows));
  CHECK(is(n.gamma, {1, shape.cols}, types.parameter));
  CHECK(is(n.beta, {1, shape.cols}, types.parameter));
  CHECK(is(n.sum, shape, types.activation));
  CHECK(is_or_empty(n.mean, {1, shape.rows}, types.parameter));
  CHECK(is_or_empty(n.rstd, {1, shape.rows}, types.parameter));
  CHECK(is(n.out, shape, types.activation));
  CHECK(are_int8_or_empty(n.out_int8, shape));
}
OpCost cost(const AddNorm& n) {
  return {.rows = n.out.rows,
          .cols = n.out.cols,
          .bytes = bytes_of({n.x, n.residual, n.sum, n.mean, n.rstd, n.out, n.out_int8.values,
                             n.out_int8.scales})};
}

const char* name(const AddNormBackward&) { return "add_norm_backward"; }
void check(const AddNormBackward& n, DTypes types) {
  const Shape shape{n.sum.rows, n.sum.cols};
  CHECK(is(n.sum, shape, types.activation));
  CHECK(is(n.mean, {1, shape.rows}, types.parameter));
  CHECK(is(n.rstd, {1, shape.rows}, types.parameter));
  CHECK(is(n.gamma, {1, shape.cols}, types.parameter));
  CHECK(are_row_keys(n.row_keys, n.dropout, shape.rows));
  CHECK(is(n.d_out, shape, types.activation));
  CHECK(is_or_empty(n.d_out_residual, shape, types.activation));
  CHECK(n.dropout ? is(n.d_x, shape, types.activation)
                  : is_or_empty(n.d_x, shape, types.activation));
  CHECK(is(n.d_sum, shape, types.activation));
  CHECK(is(n.d_gamma, {1, shape.cols}, types.parameter));
  CHECK(is(n.d_beta, {1, shape.cols}, types.parameter));
}
OpCost cost(const AddNormBackward& n) {
  return {.rows = n.sum.rows,
          .cols = n.sum.cols,
          .bytes = bytes_of({n.sum, n.mean, n.rstd, n.d_out, n.d_out_residual, n.d_x, n.d_sum})};
}

const char* name(const DropoutRows&) { return "dropout"; }
void check(const DropoutRows& d, DTypes types) {
  const Shape shape{d.x.rows, d.x.cols};
  CHECK(is(d.x, shape, types.activation));
  CHECK(are_row_keys(d.row_keys, d.dropout, shape.rows));
  CHECK(is(d.out, shape, types.activation));
}
OpCost cost(const DropoutRows& d) { return cost_of_copy(d.x, d.out); }

const char* name(const GatherRows&) { return "gather_rows"; }
void check(const GatherRows& g, DTypes types) {
  CHECK(is(g.x, {g.x.rows, g.out.cols}, types.activation));
  CHECK(is(g.rows, {1, g.out.rows}, DType::kI32));
  CHECK(is(g.out, {g.out.rows, g.out.cols}, types.activation));
}
OpCost cost(const GatherRows& g) {
  return {.rows = g.out.rows, .cols = g.out.cols, .bytes = 2.0 * bytes_of(g.out)};
}

const char* name(const ScatterAddRows&) { return "scatter_add_rows"; }
void check(const ScatterAddRows& s, DTypes types) {
  CHECK(is(s.x, {s.x.rows, s.out.cols}, types.activation));
  CHECK(is(s.rows, {1, s.x.rows}, DType::kI32));
  CHECK(is(s.out, {s.out.rows, s.out.cols}, types.activation));
}
OpCost cost(const ScatterAddRows& s) {
  return {.rows = s.x.rows, .cols = s.x.cols, .bytes = 3.0 * bytes_of(s.x)};
}

const char* name(const CrossEntropy&) { return "cross_entropy"; }
void check(const CrossEntropy& e, DTypes types) {
  const bool of_windows = e.segment == Segment::kRowsOfWindow;
  if (of_windows) check_packing(e.packing);
  const Shape logits{of_windows ? e.packing.rows : e.logits.rows, e.logits.cols};
  const Shape targets = of_windows ? Shape{e.packing.windows, logits.cols} : Shape{logits.rows, 1};
  CHECK(is(e.logits, logits, types.parameter));
  CHECK(is(e.targets, targets, DType::kI32));
  CHECK(is(e.loss, {1, 1}, DType::kF64));
  check_gradient(e.d_logits, logits, types);
}
OpCost cost(const CrossEntropy& e) {
  return {.rows = e.logits.rows,
          .cols = e.logits.cols,
          .bytes = bytes_of({e.logits, e.targets, e.loss, e.d_logits})};
}

const char* name(const SquaredError&) { return "squared_error"; }
void check(const SquaredError& e, DTypes types) {
  check_loss_of_elements(e.predictions, e.targets, e.loss, e.d_predictions, types);
}
OpCost cost(const SquaredError& e) {
  return {.rows = e.predictions.rows,
          .cols = e.predictions.cols,
          .bytes = bytes_of({e.predictions, e.targets, e.loss, e.d_predictions})};
}

const char* name(const BinaryCrossEntropy&) { return "binary_cross_entropy"; }
void check(const BinaryCrossEntropy& e, DTypes types) {
  check_loss_of_elements(e.logits, e.targets, e.loss, e.d_logits, types);
}
OpCost cost(const BinaryCrossEntropy& e) {
  return {.rows = e.logits.rows,
          .cols = e.logits.cols,
          .bytes = bytes_of({e.logits, e.targets, e.d_logits})};
}

const char* name(const AdamW&) { return "adamw"; }
void check(const AdamW& a, DTypes types) {
  const Shape shape{1, a.parameter.cols};
  CHECK(is(a.parameter, shape, types.parameter));
  CHECK(is(a.gradient, shape, types.parameter));
  CHECK(is(a.moment1, shape, types.parameter));
  CHECK(is(a.moment2, shape, types.parameter));
  int64_t end = 0;
  for (const AdamWSegment& segment : a.segments) {
    CHECK(segment.offset >= end && segment.size >= 0);
    end = segment.offset + segment.size;
    CHECK(is_or_empty(segment.weight, {1, segment.size}, types.activation));
  }
  CHECK(end <= shape.cols);
}
OpCost cost(const AdamW& a) {
  OpCost cost{.rows = 1};
  for (const AdamWSegment& segment : a.segments) {
    const auto bytes_of_part = [&](const Tensor& x) {
      return bytes_of(x.slice_cols(segment.offset, segment.size));
    };
    cost.cols += segment.size;
    cost.bytes +=
        bytes_of_part(a.gradient) + bytes_of(segment.weight) +
        2.0 * (bytes_of_part(a.parameter) + bytes_of_part(a.moment1) + bytes_of_part(a.moment2));
  }
  return cost;
}

const char* name(const SquaredNorm&) { return "squared_norm"; }
void check(const SquaredNorm& s, DTypes) { CHECK(is(s.out, {1, 1}, DType::kF64)); }
OpCost cost(const SquaredNorm& s) {
  return {.rows = 1, .cols = s.x.size(), .bytes = bytes_of(s.x)};
}

const char* name(const Cast&) { return "cast"; }
void check(const Cast& c, DTypes) { CHECK(c.x.rows == c.out.rows && c.x.cols == c.out.cols); }
OpCost cost(const Cast& c) { return cost_of_copy(c.x, c.out); }

}  // namespace

const char* name_of(const AnyOp& op) {
  return std::visit([](const auto* one) { return name(*one); }, op);
}
void check_contract(const AnyOp& op, DTypes types) {
  std::visit([&](const auto* one) { check(*one, types); }, op);
}
OpCost cost_of(const AnyOp& op) {
  return std::visit([](const auto* one) { return cost(*one); }, op);
}

}  // namespace bertune
