// The inner kernel of bf16 products on processors with AVX512-BF16: a tile of sums in registers.
// Not by Highway, whose release in Debian 12 has no target with that instruction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/tensor.h"

namespace bertune::cpu {

// Whether this processor has the instruction, and what else the kernels that use it are compiled
// for.
bool has_dot_bf16();

inline constexpr int64_t kDotRows = 6;  // of a tile at most: 24 sums, 4 columns, 4 registers left
inline constexpr int64_t kDotColumns = 64;  // of a tile and of a panel

// The left operand of a tile: pairs of bf16 that follow each other along the depth. Strides in
// bytes.
struct DotRows {
  const char* data;
  int64_t row_stride;
  int64_t pair_stride;
};

// What becomes of the sums, while they are still in registers.
enum class DotStore {
  kRound,  // out = bias + sums in bf16
  kGelu,   // out = gelu(bias + sums) in bf16, and `pre` without gelu where it is given
  kAdd,    // out += sums in fp32
  kSums,   // out = sums in fp32, all kDotColumns of them
};
struct DotOut {
  DotStore store;
  void* data;
  int64_t stride;               // elements from one row to the next
  int64_t cols = kDotColumns;   // that are written
  const float* bias = nullptr;  // [cols]; may be null
  BFloat16* pre = nullptr;      // with a stride of its own; may be null
  int64_t pre_stride = 0;
};

// The inner products of row r of `left` and column c of `panel`, r < rows <= kDotRows, over `pairs`
// pairs. panel: [pairs, kDotColumns] pairs.
void dot_bf16(const DotRows& left, int64_t rows, const void* panel, int64_t pairs,
              const DotOut& out);

// Rows of a weight as the columns of a panel [weight.cols / 2, kDotColumns] of pairs, rounded to
// bf16; columns that the weight has no row for become zeros. weight.rows <= kDotColumns.
void pack_panel_bf16(const Matrix<float>& weight, uint32_t* panel);

}  // namespace bertune::cpu
