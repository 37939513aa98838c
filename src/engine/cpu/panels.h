// SPDX-License-Identifier: Apache-2.0
// Products whose right operand is stored in panels: groups of as many columns as a tile of the
// result has, laid out in the order in which the tile reads them. A weight is packed once and read
// many times. Available in fp32, and in bf16 where has_dot_bf16(). In bf16 these products are
// faster than oneDNN's for any number of rows, in fp32 for few rows.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

// The bytes of a [depth, cols] operand of this format in panels; 0 if the depth cannot be packed.
int64_t panel_bytes(DType format, int64_t depth, int64_t cols);

// Packs weight [out, in] fp32 as the right operand of x weight^T, whose depth is `in`.
void pack_forward(const Tensor& weight, DType format, const Tensor& panels);
// Packs the same weight as the right operand of d_out weight, whose depth is `out`. In bf16 only,
// because fp32 training multiplies by the plain weight.
void pack_backward(const Tensor& weight, const Tensor& panels);

// out = activation(x panels + bias). The activation reads the sums before `pre` is rounded.
struct PanelProduct {
  Tensor x;       // [rows, depth]
  Tensor panels;  // [1, n] bytes, packed in the format of x
  Tensor bias;    // [1, cols]; may be empty
  Activation activation = Activation::kNone;
  Tensor pre;  // [rows, cols]; may be empty
  Tensor out;  // [rows, cols]; fp32 or the format of x
};
void multiply_panels(const PanelProduct&);

// d_weight += d_out^T x for bf16 operands. Both are packed during the call, a range of rows at a
// time, so that the copies stay in cache.
class WeightGradient {
 public:
  // Allocates the copies for operands of up to `cols` columns each. Returns their bytes.
  size_t reserve(int64_t cols);
  void add(const Tensor& d_out, const Tensor& x, const Tensor& d_weight);

 private:
  void add_rows(const Tensor& d_out, const Tensor& x, const Tensor& d_weight);
  void add_packed(int64_t depth, const Tensor& d_weight);

  Scratch left_, right_;
};

}  // namespace bertune::cpu
