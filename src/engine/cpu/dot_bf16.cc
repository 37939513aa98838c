// SPDX-License-Identifier: Apache-2.0
#include "engine/cpu/dot_bf16.h"

#include <algorithm>

#include "base/check.h"
#include "engine/cpu/bf16_math.h"
#include "engine/cpu/bf16_tiles.h"

BERTUNE_PUSH_BF16_ATTRIBUTES
namespace bertune::cpu {
namespace {

constexpr int kVectors = 4;  // per row of the tile

// Products.

// The epilogue for bf16_tiles.h that DotOut describes.
struct Finish {
  const DotOut& out;

  __m512 begin(int64_t, int64_t) const { return _mm512_setzero_ps(); }
  HWY_INLINE void end(int64_t row, int64_t, const __m512 (&sums)[kVectors]) const {
    const int64_t cols = std::max(out.rounded.cols, out.exact.cols);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      if (v * bf16::kLanes < cols) store(row, v * bf16::kLanes, cols, sums[v]);
    }
  }

 private:
  HWY_INLINE void store(int64_t row, int64_t col, int64_t cols, __m512 sums) const {
    const __mmask16 lanes = bf16::first_of_16(cols - col);
    if (out.bias) sums = _mm512_add_ps(sums, _mm512_maskz_loadu_ps(lanes, out.bias + col));
    switch (out.store) {
      case DotStore::kGelu:
        if (out.pre) bf16::store_rounded(sums, out.pre, row, col);
        return bf16::store_rounded(bf16::gelu(sums), out.rounded, row, col);
      case DotStore::kRound:
        return bf16::store_rounded(sums, out.rounded, row, col);
      case DotStore::kAdd:
        sums = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, out.exact.row(row) + col), sums);
        [[fallthrough]];
      case DotStore::kSums:
        return _mm512_mask_storeu_ps(out.exact.row(row) + col, lanes, sums);
    }
  }
};

using Product = bf16::Product<DotRows, Finish>;

template <int kRows>
void tile(const Product& product) {
  bf16::tile<kRows, kVectors>(product, 0, 0);
}

void tile_of(int64_t rows, const Product& product) {
  switch (rows) {
    case 1:
      return tile<1>(product);
    case 2:
      return tile<2>(product);
    case 3:
      return tile<3>(product);
    case 4:
      return tile<4>(product);
    case 5:
      return tile<5>(product);
    default:
      return tile<kDotRows>(product);
  }
}

// Packing.

// 32 columns of a row from `col`, rounded to bf16; zeros beyond x.
HWY_INLINE __m512i load_row(const Matrix<float>& x, int64_t row, int64_t col) {
  if (row >= x.rows) return _mm512_setzero_si512();
  const float* p = x.row(row) + col;
  const __mmask32 columns = bf16::first_of_32(x.cols - col);
  const __m512 first = _mm512_maskz_loadu_ps(static_cast<__mmask16>(columns), p);
  const __m512 last = _mm512_maskz_loadu_ps(static_cast<__mmask16>(columns >> 16), p + 16);
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(last, first));
}
using bf16::load_row;

// Packs 16 rows from `row`, with 16 pairs of each from `first`.
HWY_INLINE void pack_block(const Matrix<float>& weight, int64_t row, int64_t first,
                           uint32_t* panel) {
  __m512i block[16];
  for (int64_t r = 0; r < 16; ++r) block[r] = load_row(weight, row + r, 2 * first);
  bf16::transpose_16x16(block);
  const int64_t pairs = std::min<int64_t>(16, weight.cols / 2 - first);
  for (int64_t k = 0; k < pairs; ++k) {
    _mm512_storeu_si512(panel + (first + k) * kDotColumns + row, block[k]);
  }
}

void pack_panel(const Matrix<float>& weight, uint32_t* panel) {
  for (int64_t first = 0; first < weight.cols / 2; first += 16) {
    for (int64_t row = 0; row < kDotColumns; row += 16) pack_block(weight, row, first, panel);
  }
}

template <typename T>
void pair_rows(const Matrix<T>& x, int64_t row, uint32_t* out) {
  for (int64_t c = 0; c < x.cols; c += 32) {
    bf16::store(bf16::interleave(load_row(x, row, c), load_row(x, row + 1, c)), out + c);
  }
}

}  // namespace
}  // namespace bertune::cpu
HWY_POP_ATTRIBUTES

namespace bertune::cpu {

bool has_dot_bf16() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("fma");
}

void dot_bf16(const DotRows& left, int64_t rows, const uint32_t* panel, int64_t pairs,
              const DotOut& out) {
  CHECK(rows >= 1 && rows <= kDotRows);
  // The kernel only reads the panel, so the cast is safe.
  const bf16::Pairs right{const_cast<uint32_t*>(panel), pairs, kDotColumns, kDotColumns};
  tile_of(rows, {left, right, pairs, rows, kDotColumns, {out}});
}

void pack_panel_bf16(const Matrix<float>& weight, uint32_t* panel) {
  CHECK(weight.rows <= kDotColumns && weight.cols % 2 == 0);
  pack_panel(weight, panel);
}

void pair_rows_bf16(const Tensor& x, int64_t row, uint32_t* out) {
  x.dtype == DType::kBF16 ? pair_rows(x.as<BFloat16>(), row, out)
                          : pair_rows(x.as<float>(), row, out);
}

}  // namespace bertune::cpu
