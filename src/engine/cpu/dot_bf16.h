// SPDX-License-Identifier: Apache-2.0
// bf16 products with a panel of weights on processors with AVX512-BF16, and the packing that they
// need. Written with intrinsics (bf16_tiles.h), because Highway in Debian 12 has no target with
// this instruction.
#pragma once

#include <cstdint>

#include "engine/tensor.h"

namespace bertune::cpu {

// Whether this processor has the instruction and the others that the kernels are compiled for.
bool has_dot_bf16();

inline constexpr int64_t kDotRows = 6;  // per tile, at most: 24 sums, 4 columns, 4 spare registers
inline constexpr int64_t kDotColumns = 64;  // of a tile and of a panel

// The left operand of a tile: bf16 pairs that are neighbours along the depth. Strides are in pairs.
struct DotRows {
  const uint32_t* data;
  int64_t from_row_to_row;
  int64_t from_pair_to_pair;

  int64_t row_stride() const { return from_row_to_row; }
  int64_t depth_stride() const { return from_pair_to_pair; }
};

// The tile epilogue, applied to the sums while they are in registers.
enum class DotStore {
  kRound,  // rounded = bias + sums
  kGelu,   // rounded = gelu(bias + sums); `pre`, if given, = bias + sums
  kAdd,    // exact += sums
  kSums,   // exact = sums
};
struct DotOut {
  DotStore store;
  Matrix<BFloat16> rounded, pre;  // [rows, cols] with cols <= kDotColumns
  Matrix<float> exact;            // [rows, cols]
  const float* bias = nullptr;    // [cols]; may be null
};

// The inner products of row r of `left` and column c of `panel`, for r < rows <= kDotRows, over
// `pairs` pairs. panel: [pairs, kDotColumns] pairs.
void dot_bf16(const DotRows& left, int64_t rows, const uint32_t* panel, int64_t pairs,
              const DotOut& out);

// Packs the rows of a weight as the columns of a panel [weight.cols / 2, kDotColumns] of pairs,
// rounded to bf16. Columns without a row of the weight are zero. weight.rows <= kDotColumns.
void pack_panel_bf16(const Matrix<float>& weight, uint32_t* panel);

// out[c] = the pair (x[row][c], x[row + 1][c]), rounded to bf16, with zeros below the last row.
// Writes whole blocks of 32 columns, with zeros beyond those of x.
void pair_rows_bf16(const Tensor& x, int64_t row, uint32_t* out);

}  // namespace bertune::cpu
