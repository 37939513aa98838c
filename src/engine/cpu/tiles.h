// SPDX-License-Identifier: Apache-2.0
// The layout of the small matrices of tiles-inl.h: consecutive in a thread's scratch, and padded so
// that kernels write whole tiles.
#pragma once

#include <cstdint>

#include "engine/tensor.h"

namespace bertune {

// Rows and columns are rounded up to this: the lanes of the widest vector, and the rows of two
// tiles.
inline constexpr int64_t kTilePadding = 16;

constexpr int64_t padded_to_tiles(int64_t size) {
  return (size + kTilePadding - 1) / kTilePadding * kTilePadding;
}

// The row stride. Not a large power of two, because the rows of a block would then compete for a
// few cache sets.
constexpr int64_t tile_stride(int64_t cols) {
  const int64_t stride = padded_to_tiles(cols);
  return stride % 64 == 0 && stride > 64 ? stride + kTilePadding : stride;
}

// The floats of a matrix with its padding.
constexpr int64_t tile_floats(int64_t rows, int64_t cols) {
  return padded_to_tiles(rows) * tile_stride(cols);
}

// Takes the next matrix from `scratch`. Its padding is allocated but not part of its shape.
inline Matrix<float> take_matrix(float*& scratch, int64_t rows, int64_t cols) {
  const Matrix<float> matrix{scratch, rows, cols, tile_stride(cols)};
  scratch += tile_floats(rows, cols);
  return matrix;
}

}  // namespace bertune
