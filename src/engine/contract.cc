// SPDX-License-Identifier: Apache-2.0
// The shapes and element types that engine.h requires, as a CHECK for each, op by op.
#include "engine/contract.h"

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
  CHECK(is_or_empty(packed, {1, packed.cols}, dtype));
}

// The gradient of a loss has either the activation type, which the backward pass reads, or the
// parameter type.
void check_gradient(const Tensor& x, Shape shape, DTypes types) {
  CHECK(is(x, shape, types.parameter) || is(x, shape, types.activation));
}

}  // namespace

void check_contract(const Embed& e, DTypes types) {
  CHECK(is(e.out, {e.out.rows, e.out.cols}, types.activation));
  check_indices(e.ids, e.positions, e.types, e.out.rows);
  check_table(e.word, e.out.cols, types.parameter);
  check_table(e.position, e.out.cols, types.parameter);
  check_table(e.type, e.out.cols, types.parameter);
}

void check_contract(const EmbedBackward& e, DTypes types) {
  CHECK(is(e.d_out, {e.d_out.rows, e.d_out.cols}, types.activation));
  check_indices(e.ids, e.positions, e.types, e.d_out.rows);
  check_indices(e.by_id, e.by_position, e.by_type, e.d_out.rows);
  check_table(e.d_word, e.d_out.cols, types.parameter);
  check_table(e.d_position, e.d_out.cols, types.parameter);
  check_table(e.d_type, e.d_out.cols, types.parameter);
}

void check_contract(const Pack& p, DTypes types) {
  CHECK(is(p.weight, {p.weight.rows, p.weight.cols}, types.parameter));
  CHECK(is_or_empty(p.forward, {1, p.forward.cols}, types.activation));
  CHECK(is_or_empty(p.backward, {1, p.backward.cols}, types.activation));
}

void check_contract(const Linear& l, DTypes types) {
  const Shape out{l.x.rows, l.out.cols};
  CHECK(is(l.x, {l.x.rows, l.x.cols}, types.activation));
  check_weight(l.weight, l.packed, {out.cols, l.x.cols}, types.activation);
  CHECK(is(l.bias, {1, out.cols}, types.parameter));
  CHECK(is_or_empty(l.pre, out, types.activation));
  CHECK(is(l.out, out, types.activation) || is(l.out, out, types.parameter));
}

void check_contract(const LinearBackward& l, DTypes types) {
  const Shape out{l.x.rows, l.d_out.cols};
  CHECK(is(l.x, {l.x.rows, l.x.cols}, types.activation));
  check_weight(l.weight, l.packed, {out.cols, l.x.cols}, types.activation);
  CHECK(l.activation == Activation::kNone ? !l.pre : is(l.pre, out, types.activation));
  CHECK(is(l.d_out, out, types.activation));
  CHECK(is_or_empty(l.d_x, {l.x.rows, l.x.cols}, types.activation));
  CHECK(is(l.d_weight, {out.cols, l.x.cols}, types.parameter));
  CHECK(is(l.d_bias, {1, out.cols}, types.parameter));
}

void check_contract(const Attention& a, DTypes types) {
  const Shape out{a.packing.rows, a.qkv.cols / 3};
  check_packing(a.packing, a.dropout);
  CHECK(a.heads > 0 && a.qkv.cols % 3 == 0 && out.cols % a.heads == 0);
  CHECK(is(a.qkv, {out.rows, 3 * out.cols}, types.activation));
  CHECK(is(a.log_sum_exp, {a.heads, out.rows}, types.parameter));
  CHECK(is(a.out, out, types.activation));
}

void check_contract(const AttentionBackward& a, DTypes types) {
  check_contract(Attention{.qkv = a.qkv,
                           .heads = a.heads,
                           .packing = a.packing,
                           .dropout = a.dropout,
                           .log_sum_exp = a.log_sum_exp,
                           .out = a.out},
                 types);
  CHECK(is(a.d_out, {a.out.rows, a.out.cols}, types.activation));
  CHECK(is(a.d_qkv, {a.qkv.rows, a.qkv.cols}, types.activation));
}

void check_contract(const AddNorm& n, DTypes types) {
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
}

void check_contract(const AddNormBackward& n, DTypes types) {
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

void check_contract(const DropoutRows& d, DTypes types) {
  const Shape shape{d.x.rows, d.x.cols};
  CHECK(is(d.x, shape, types.activation));
  CHECK(are_row_keys(d.row_keys, d.dropout, shape.rows));
  CHECK(is(d.out, shape, types.activation));
}

void check_contract(const GatherRows& g, DTypes types) {
  CHECK(is(g.x, {g.x.rows, g.out.cols}, types.activation));
  CHECK(is(g.rows, {1, g.out.rows}, DType::kI32));
  CHECK(is(g.out, {g.out.rows, g.out.cols}, types.activation));
}

void check_contract(const ScatterAddRows& s, DTypes types) {
  CHECK(is(s.x, {s.x.rows, s.out.cols}, types.activation));
  CHECK(is(s.rows, {1, s.x.rows}, DType::kI32));
  CHECK(is(s.out, {s.out.rows, s.out.cols}, types.activation));
}

void check_contract(const CrossEntropy& e, DTypes types) {
  const bool of_windows = e.segment == Segment::kRowsOfWindow;
  if (of_windows) check_packing(e.packing);
  const Shape logits{of_windows ? e.packing.rows : e.logits.rows, e.logits.cols};
  const Shape targets = of_windows ? Shape{e.packing.windows, logits.cols} : Shape{logits.rows, 1};
  CHECK(is(e.logits, logits, types.parameter));
  CHECK(is(e.targets, targets, DType::kI32));
  CHECK(is(e.loss, {1, 1}, DType::kF64));
  check_gradient(e.d_logits, logits, types);
}

void check_contract(const SquaredError& e, DTypes types) {
  const Shape shape{e.predictions.rows, e.predictions.cols};
  CHECK(is(e.predictions, shape, types.parameter));
  CHECK(is(e.targets, shape, types.parameter));
  CHECK(is(e.loss, {1, 1}, DType::kF64));
  check_gradient(e.d_predictions, shape, types);
}

void check_contract(const AdamW& a, DTypes types) {
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

}  // namespace bertune
