// SPDX-License-Identifier: Apache-2.0
#include "engine/op_cost.h"

#include <initializer_list>

namespace bertune {
namespace {

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

}  // namespace

// Rows of the position and type tables recur so often that only those of the word table count.
OpCost cost_of(const Embed& e) {
  return {
      .rows = e.out.rows,
      .cols = e.out.cols,
      .bytes = bytes_of({e.ids, e.positions, e.types, e.out}) + bytes_of_rows(e.word, e.out.rows)};
}
OpCost cost_of(const EmbedBackward& e) {
  return {.rows = e.d_out.rows,
          .cols = e.d_out.cols,
          .bytes = bytes_of({e.ids, e.positions, e.types, e.by_id, e.by_position, e.by_type}) +
                   bytes_of(e.d_out) + 2.0 * bytes_of_rows(e.d_word, e.d_out.rows)};
}

OpCost cost_of(const Pack& p) {
  return {.rows = p.weight.rows,
          .cols = p.weight.cols,
          .bytes = bytes_of({p.weight, p.forward, p.backward})};
}
OpCost cost_of(const Linear& l) {
  return {.rows = l.x.rows,
          .cols = l.out.cols,
          .depth = l.x.cols,
          .flop = product_flop(l.x, l.out),
          .bytes = bytes_of({l.x, l.packed ? l.packed : l.weight, l.bias, l.pre, l.out})};
}
OpCost cost_of(const LinearBackward& l) {
  const double products = l.d_x ? 2.0 : 1.0;
  return {.rows = l.d_out.rows,
          .cols = l.d_out.cols,
          .depth = l.x.cols,
          .flop = products * product_flop(l.x, l.d_out),
          .bytes = bytes_of({l.x, l.packed ? l.packed : l.weight, l.pre, l.d_out, l.d_x}) +
                   2.0 * bytes_of({l.d_weight, l.d_bias})};
}

OpCost cost_of(const Attention& a, double squares) {
  return {.rows = a.out.rows,
          .cols = a.out.cols,
          .depth = a.packing.max_length,
          .flop = 4.0 * static_cast<double>(a.out.cols) * squares,
          .bytes = bytes_of({a.qkv, a.log_sum_exp, a.out})};
}
OpCost cost_of(const AttentionBackward& a, double squares) {
  return {.rows = a.out.rows,
          .cols = a.out.cols,
          .depth = a.packing.max_length,
          .flop = 8.0 * static_cast<double>(a.out.cols) * squares,
          .bytes = bytes_of({a.qkv, a.log_sum_exp, a.out, a.d_out, a.d_qkv})};
}

OpCost cost_of(const AddNorm& n) {
  return {.rows = n.out.rows,
          .cols = n.out.cols,
          .bytes = bytes_of({n.x, n.residual, n.sum, n.mean, n.rstd, n.out})};
}
OpCost cost_of(const AddNormBackward& n) {
  return {.rows = n.sum.rows,
          .cols = n.sum.cols,
          .bytes = bytes_of({n.sum, n.mean, n.rstd, n.d_out, n.d_out_residual, n.d_x, n.d_sum})};
}

OpCost cost_of(const DropoutRows& d) { return cost_of_copy(d.x, d.out); }

OpCost cost_of(const GatherRows& g) {
  return {.rows = g.out.rows, .cols = g.out.cols, .bytes = 2.0 * bytes_of(g.out)};
}
OpCost cost_of(const ScatterAddRows& s) {
  return {.rows = s.x.rows, .cols = s.x.cols, .bytes = 3.0 * bytes_of(s.x)};
}

OpCost cost_of(const CrossEntropy& e) {
  return {.rows = e.logits.rows,
          .cols = e.logits.cols,
          .bytes = bytes_of({e.logits, e.targets, e.loss, e.d_logits})};
}

OpCost cost_of(const SquaredError& e) {
  return {.rows = e.predictions.rows,
          .cols = e.predictions.cols,
          .bytes = bytes_of({e.predictions, e.targets, e.loss, e.d_predictions})};
}

OpCost cost_of(const AdamW& a) {
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

OpCost cost_of_copy(const Tensor& x, const Tensor& out) {
  const Tensor& shape = out ? out : x;
  return {.rows = shape.rows, .cols = shape.cols, .bytes = bytes_of({x, out})};
}

}  // namespace bertune
