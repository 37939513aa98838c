// SPDX-License-Identifier: Apache-2.0
// Products of small fp32 matrices that stay in a core's cache: a tile of the result is kept in
// registers while the depth is summed. Compiled once per instruction set. Matrices come from
// `take_matrix`, whose padding lets every tile and vector be complete.

#if defined(BERTUNE_ENGINE_CPU_TILES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTUNE_ENGINE_CPU_TILES_INL_H_
#undef BERTUNE_ENGINE_CPU_TILES_INL_H_
#else
#define BERTUNE_ENGINE_CPU_TILES_INL_H_
#endif

#include "engine/cpu/tiles.h"
#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// A tile has 24 or 12 vectors, because AVX-512 has 32 registers and the others have 16.
inline constexpr int64_t kTileRows = HWY_TARGET <= HWY_AVX3 ? 8 : 4;
inline constexpr int64_t kTileVectors = 3;
static_assert(kTilePadding % kTileRows == 0 && kTilePadding % kLanes == 0);

// The left operand of a product, which may be read transposed: element (row, depth) is data[row *
// row_stride + depth * depth_stride].
struct Left {
  const float* data;
  int64_t row_stride, depth_stride;
};
HWY_INLINE Left rows_of(const Matrix<float>& x, int64_t first) {
  return {x.row(first), x.stride, 1};
}
HWY_INLINE Left transpose_of(const Matrix<float>& x) { return {x.data, 1, x.stride}; }

enum class Store { kAssign, kAdd };

template <Store kStore, int kVectors>
HWY_INLINE void product_tile(const Left& left, const Matrix<float>& right, int64_t depth,
                             float* HWY_RESTRICT out, int64_t out_stride) {
  Vector sums[kTileRows][kVectors];
  for (int64_t m = 0; m < kTileRows; ++m) {
    for (int v = 0; v < kVectors; ++v) {
      sums[m][v] = kStore == Store::kAdd ? load(out + m * out_stride + v * kLanes) : zeros();
    }
  }
  const float* HWY_RESTRICT a = left.data;
  const float* HWY_RESTRICT b = right.data;
  for (int64_t k = 0; k < depth; ++k) {
    Vector columns[kVectors];
    for (int v = 0; v < kVectors; ++v) columns[v] = load(b + v * kLanes);
    for (int64_t m = 0; m < kTileRows; ++m) {
      const Vector factor = broadcast(a[m * left.row_stride]);
      for (int v = 0; v < kVectors; ++v) sums[m][v] = hn::MulAdd(factor, columns[v], sums[m][v]);
    }
    a += left.depth_stride;
    b += right.stride;
  }
  for (int64_t m = 0; m < kTileRows; ++m) {
    for (int v = 0; v < kVectors; ++v) store(sums[m][v], out + m * out_stride + v * kLanes);
  }
}

// All rows of a panel of columns, whose part of the right operand stays in L1 meanwhile.
template <Store kStore, int kVectors>
HWY_NOINLINE void product_panel(const Left& left, const Matrix<float>& right, int64_t depth,
                                const Matrix<float>& out) {
  for (int64_t m = 0; m < out.rows; m += kTileRows) {
    const Left tile{left.data + m * left.row_stride, left.row_stride, left.depth_stride};
    product_tile<kStore, kVectors>(tile, right, depth, out.row(m), out.stride);
  }
}

// out (+)= left right over `depth`, for the rows of `out` and the columns of `right`, both rounded
// up to whole tiles. Panels have nearly equal widths, because a narrow tile is bound by the latency
// of its sums.
template <Store kStore>
HWY_INLINE void product(const Left& left, const Matrix<float>& right, int64_t depth,
                        const Matrix<float>& out) {
  const int64_t vectors = (right.cols + kLanes - 1) / kLanes;
  for (int64_t done = 0; done < vectors;) {
    const int64_t rest = vectors - done, c = done * kLanes;
    const Matrix<float> b{right.data + c, right.rows, right.cols, right.stride};
    const Matrix<float> panel{out.data + c, out.rows, out.cols, out.stride};
    if (rest >= kTileVectors && rest != kTileVectors + 1) {
      product_panel<kStore, 3>(left, b, depth, panel);
      done += 3;
    } else if (rest >= 2) {
      product_panel<kStore, 2>(left, b, depth, panel);
      done += 2;
    } else {
      product_panel<kStore, 1>(left, b, depth, panel);
      done += 1;
    }
  }
}

// out[c][r] = x[r][c], including the padding of the rows of x, in blocks of 4 x 4. A template so
// that the interleaving op is found by argument-dependent lookup, because the scalar target does
// not declare it.
template <class D4 = hn::CappedTag<float, 4>>
HWY_INLINE void transpose(const Matrix<float>& x, const Matrix<float>& out) {
  const D4 d;
  for (int64_t r = 0; r < padded_to_tiles(x.rows); r += 4) {
    for (int64_t c = 0; c < x.cols; c += 4) {
      if constexpr (kLanes >= 4) {
        const auto row0 = hn::LoadU(d, x.row(r) + c), row1 = hn::LoadU(d, x.row(r + 1) + c);
        const auto row2 = hn::LoadU(d, x.row(r + 2) + c), row3 = hn::LoadU(d, x.row(r + 3) + c);
        const auto low02 = InterleaveLower(d, row0, row2);
        const auto low13 = InterleaveLower(d, row1, row3);
        const auto high02 = InterleaveUpper(d, row0, row2);
        const auto high13 = InterleaveUpper(d, row1, row3);
        hn::StoreU(InterleaveLower(d, low02, low13), d, out.row(c) + r);
        hn::StoreU(InterleaveUpper(d, low02, low13), d, out.row(c + 1) + r);
        hn::StoreU(InterleaveLower(d, high02, high13), d, out.row(c + 2) + r);
        hn::StoreU(InterleaveUpper(d, high02, high13), d, out.row(c + 3) + r);
      } else {
        for (int64_t i = 0; i < 16; ++i) out(c + i % 4, r + i / 4) = x(r + i / 4, c + i % 4);
      }
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
