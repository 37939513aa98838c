// SPDX-License-Identifier: Apache-2.0
// Transposes a matrix, for formats that store weights as [in, out].
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace bertune {

// Copies in [rows, cols] to out [cols, rows], in square tiles that stay in the cache.
inline void transpose(std::span<const float> in, int64_t rows, int64_t cols, std::span<float> out) {
  constexpr int64_t kSide = 32;
  for (int64_t row = 0; row < rows; row += kSide) {
    for (int64_t col = 0; col < cols; col += kSide) {
      for (int64_t r = row; r < std::min(row + kSide, rows); ++r) {
        for (int64_t c = col; c < std::min(col + kSide, cols); ++c) {
          out[static_cast<size_t>(c * rows + r)] = in[static_cast<size_t>(r * cols + c)];
        }
      }
    }
  }
}

}  // namespace bertune
