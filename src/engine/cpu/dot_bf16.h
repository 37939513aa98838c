// The inner kernel of bf16 products on processors with AVX512-BF16: a tile of sums in registers.
// Not by Highway, whose release in Debian 12 has no target with that instruction.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace bertune::cpu {

// Whether this processor has the instruction.
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

// sums[r, c] = the inner product of row r of `left` and column c of `panel`, r < rows <= kDotRows,
// over `pairs` pairs. panel: [pairs, kDotColumns] pairs; sums: [rows, kDotColumns].
void dot_bf16(const DotRows& left, int64_t rows, const void* panel, int64_t pairs, float* sums);

}  // namespace bertune::cpu
