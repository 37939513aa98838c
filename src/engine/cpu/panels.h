// SPDX-License-Identifier: Apache-2.0
// Products whose right operand lies in panels: as many columns as a tile of the result has, one
// behind the other in the order in which the tile reads them. A weight is packed once and read many
// times. In fp32, and in bf16 where has_dot_bf16() says so; in bf16 these products are faster than
// oneDNN's at every number of rows, in fp32 at few.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

// Elements of `format` for a [depth, cols] operand in panels; 0 when the depth cannot be packed.
int64_t panel_elements(DType format, int64_t depth, int64_t cols);

// weight [out, in] fp32 as the right operand of x weight^T, which has depth `in`.
void pack_forward(const Tensor& weight, const Tensor& panels);
// The same weight as the right operand of d_out weight, which has depth `out`.
void pack_backward(const Tensor& weight, const Tensor& panels);

// out = activation(x panels + bias). The activation reads the sums before `pre` is rounded.
struct PanelProduct {
  Tensor x;       // [rows, depth]
  Tensor panels;  // [1, n] in the format of x
  Tensor bias;    // [1, cols]; may be empty
  Activation activation = Activation::kNone;
  Tensor pre;  // [rows, cols]; may be empty
  Tensor out;  // [rows, cols]; fp32 or the format of x
};
void multiply_panels(const PanelProduct&);

// d_weight += d_out^T x for bf16 operands. Both are packed on the way, some rows at a time, so that
// the copies stay near the cores.
class WeightGradient {
 public:
  // Takes the copies for operands of up to `cols` columns each; returns their bytes.
  size_t reserve(int64_t cols);
  void add(const Tensor& d_out, const Tensor& x, const Tensor& d_weight);

 private:
  void add_rows(const Tensor& d_out, const Tensor& x, const Tensor& d_weight);
  void add_packed(int64_t depth, const Tensor& d_weight);

  Scratch left_, right_;
};

}  // namespace bertune::cpu
