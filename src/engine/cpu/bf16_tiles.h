// SPDX-License-Identifier: Apache-2.0
// Products of small bf16 matrices that stay in a core's cache, by AVX512-BF16, which multiplies
// pairs of neighbours along the depth and adds both products to an fp32 sum. Operands are therefore
// matrices of pairs, two bf16 per word, made by `pack_transposed` and `pack_row_pairs`. Only for
// functions that run where the processor has these instructions.
#pragma once

// GCC 12 warns about vectors that its own header deliberately leaves undefined.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop

#include <hwy/base.h>

#include <algorithm>
#include <cstdint>

#include "engine/tensor.h"

// Begins functions compiled for these instructions regardless of the file's target;
// HWY_POP_ATTRIBUTES ends them. Templates of headers included earlier are unaffected.
#define BERTUNE_PUSH_BF16_ATTRIBUTES \
  HWY_PUSH_ATTRIBUTES("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16,fma")

BERTUNE_PUSH_BF16_ATTRIBUTES
namespace bertune::cpu::bf16 {

inline constexpr int64_t kLanes = 16;  // floats or pairs in a vector

constexpr int64_t vectors_for(int64_t cols) { return (cols + kLanes - 1) / kLanes; }
constexpr int64_t pairs_for(int64_t size) { return (size + 1) / 2; }

// A mask of a vector's first `count` lanes, or of all if `count` is larger.
HWY_INLINE __mmask16 first_of_16(int64_t count) {
  return count >= 16 ? 0xFFFF : static_cast<__mmask16>((1u << count) - 1);
}
HWY_INLINE __mmask32 first_of_32(int64_t count) {
  return count >= 32 ? 0xFFFFFFFFu : (1u << count) - 1;
}

// Operands.

// Two bf16 per word: the lower half holds the one with the smaller index along the depth.
using Pairs = Matrix<uint32_t>;

// A left operand [rows, depth / 2], stored as its rows or as the rows of its transpose.
struct Rows {
  const uint32_t* data;
  int64_t stride;

  int64_t row_stride() const { return stride; }
  static constexpr int64_t depth_stride() { return 1; }
};
struct Transposed {
  const uint32_t* data;
  int64_t stride;

  static constexpr int64_t row_stride() { return 1; }
  int64_t depth_stride() const { return stride; }
};
HWY_INLINE Rows rows_of(const Pairs& x) { return {x.data, x.stride}; }
HWY_INLINE Transposed transpose_of(const Pairs& x, int64_t first = 0) {
  return {x.data + first, x.stride};
}

HWY_INLINE __m512i load_row(const Matrix<BFloat16>& x, int64_t row, int64_t col) {
  if (row >= x.rows) return _mm512_setzero_si512();
  return _mm512_maskz_loadu_epi16(first_of_32(x.cols - col), x.row(row) + col);
}

// Transposes in four steps, each of which doubles the size of the blocks in place.
HWY_INLINE void transpose_16x16(__m512i (&x)[16]) {
  __m512i t[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_epi32(x[i], x[i + 1]);
    t[i + 1] = _mm512_unpackhi_epi32(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    x[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]);
    x[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    x[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]);
    x[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  constexpr int kEven = 0x88, kOdd = 0xDD;  // the 128-bit parts taken from each vector
  for (int i = 0; i < 4; ++i) {
    t[i] = _mm512_shuffle_i32x4(x[i], x[i + 4], kEven);
    t[i + 4] = _mm512_shuffle_i32x4(x[i], x[i + 4], kOdd);
    t[i + 8] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], kEven);
    t[i + 12] = _mm512_shuffle_i32x4(x[i + 8], x[i + 12], kOdd);
  }
  for (int i = 0; i < 8; ++i) {
    x[i] = _mm512_shuffle_i32x4(t[i], t[i + 8], kEven);
    x[i + 8] = _mm512_shuffle_i32x4(t[i], t[i + 8], kOdd);
  }
}

// The number of rows packed by one call.
inline constexpr int64_t kPackedRows = 16;

// out[c / 2][r] = (x[r][c], x[r][c + 1]): pairs along the columns of x, for the rows from `first`.
// Writes whole blocks of 16 x 16 pairs. Columns beyond x are zero; rows beyond x repeat its last
// row, so that products with them never exceed the maximum over the real rows.
HWY_INLINE void pack_transposed(const Matrix<BFloat16>& x, int64_t first, const Pairs& out) {
  for (int64_t c = 0; c < x.cols; c += 32) {
    __m512i block[16];
    for (int i = 0; i < 16; ++i) block[i] = load_row(x, std::min(first + i, x.rows - 1), c);
    transpose_16x16(block);
    for (int i = 0; i < 16; ++i) _mm512_storeu_si512(out.row(c / 2 + i) + first, block[i]);
  }
}

// Two vectors of 32, interleaved: (even, odd) for the first and the last 16.
struct RowPairs {
  __m512i first, last;
};
HWY_INLINE RowPairs interleave(__m512i even, __m512i odd) {
  const __m512i first = _mm512_set_epi16(47, 15, 46, 14, 45, 13, 44, 12, 43, 11, 42, 10, 41, 9, 40,
                                         8, 39, 7, 38, 6, 37, 5, 36, 4, 35, 3, 34, 2, 33, 1, 32, 0);
  const __m512i last = _mm512_add_epi16(first, _mm512_set1_epi16(16));
  return {_mm512_permutex2var_epi16(even, first, odd), _mm512_permutex2var_epi16(even, last, odd)};
}
HWY_INLINE void store(const RowPairs& pairs, uint32_t* p) {
  _mm512_storeu_si512(p, pairs.first);
  _mm512_storeu_si512(p + kLanes, pairs.last);
}

// out[r / 2][c] = (x[r][c], x[r + 1][c]): pairs along the rows of x, from `first`. Writes whole
// blocks of 32 columns, with zeros beyond x.
HWY_INLINE void pack_row_pairs(const Matrix<BFloat16>& x, int64_t first, const Pairs& out) {
  for (int64_t r = first; r < std::min(first + kPackedRows, x.rows); r += 2) {
    for (int64_t c = 0; c < x.cols; c += 32) {
      store(interleave(load_row(x, r, c), load_row(x, r + 1, c)), out.row(r / 2) + c);
    }
  }
}

// Tile epilogues: the initial sums of a row within a tile, and the store of its results.

struct Assign {
  Matrix<float> out;

  __m512 begin(int64_t, int64_t) const { return _mm512_setzero_ps(); }
  template <int kVectors>
  HWY_INLINE void end(int64_t row, int64_t col, const __m512 (&sums)[kVectors]) const {
    for (int v = 0; v < kVectors; ++v) _mm512_storeu_ps(out.row(row) + col + v * kLanes, sums[v]);
  }
};

struct Add {
  Matrix<float> out;

  __m512 begin(int64_t row, int64_t col) const { return _mm512_loadu_ps(out.row(row) + col); }
  template <int kVectors>
  HWY_INLINE void end(int64_t row, int64_t col, const __m512 (&sums)[kVectors]) const {
    Assign{out}.end(row, col, sums);
  }
};

// Stores the results and also each row's maximum per lane.
struct AssignAndMax {
  Matrix<float> out;
  Matrix<float> largest;  // [rows, kLanes]

  __m512 begin(int64_t, int64_t) const { return _mm512_setzero_ps(); }
  template <int kVectors>
  HWY_INLINE void end(int64_t row, int64_t col, const __m512 (&sums)[kVectors]) const {
    __m512 most = sums[0];
    for (int v = 1; v < kVectors; ++v) most = _mm512_max_ps(most, sums[v]);
    if (col > 0) most = _mm512_max_ps(most, _mm512_load_ps(largest.row(row)));
    _mm512_store_ps(largest.row(row), most);
    Assign{out}.end(row, col, sums);
  }
};

HWY_INLINE void store_rounded(__m512 x, const Matrix<BFloat16>& out, int64_t row, int64_t col) {
  const auto rounded = reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(x));
  _mm256_mask_storeu_epi16(out.row(row) + col, first_of_16(out.cols - col), rounded);
}

// Stores the row times its factor, rounded to bf16, only within `out`.
struct ScaleAndRound {
  Matrix<BFloat16> out;
  const float* factors;

  __m512 begin(int64_t, int64_t) const { return _mm512_setzero_ps(); }
  template <int kVectors>
  HWY_INLINE void end(int64_t row, int64_t col, const __m512 (&sums)[kVectors]) const {
    if (row >= out.rows) return;
    const __m512 factor = _mm512_set1_ps(factors[row]);
    for (int v = 0; v < kVectors; ++v) {
      store_rounded(_mm512_mul_ps(sums[v], factor), out, row, col + v * kLanes);
    }
  }
};

// Products.

// out = left right, for `rows` rounded up to even and `cols` rounded up to whole vectors.
template <class Left, class Out>
struct Product {
  Left left;
  Pairs right;    // [depth, cols]
  int64_t depth;  // in pairs
  int64_t rows, cols;
  Out out;
};

// The number of rows of a tile with this many vectors: 24 sums, which leaves registers for the
// right operand, but at most 12 rows, because there are no registers to address more.
constexpr int tile_rows(int vectors) { return std::min(12, 24 / vectors); }
constexpr int fewer_rows(int rows) { return rows == 12 ? 8 : rows >= 6 ? 4 : 2; }

// Calls body(m, v) for every sum of a tile, unrolled so that the sums stay in registers.
template <int kRows, int kVectors, class Body>
HWY_INLINE void for_each_sum(const Body& body) {
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) {
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) body(m, v);
  }
}

template <int kRows, int kVectors, class Left, class Out>
HWY_INLINE void tile(const Product<Left, Out>& p, int64_t row, int64_t col) {
  __m512 sums[kRows][kVectors];
  for_each_sum<kRows, kVectors>(
      [&](int m, int v) { sums[m][v] = p.out.begin(row + m, col + v * kLanes); });
  const int64_t row_stride = p.left.row_stride(), depth_stride = p.left.depth_stride();
  const uint32_t* HWY_RESTRICT a = p.left.data + row * row_stride;
  const uint32_t* HWY_RESTRICT b = p.right.data + col;
  for (int64_t k = 0; k < p.depth; ++k) {
    __m512bh columns[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      columns[v] = reinterpret_cast<__m512bh>(_mm512_loadu_si512(b + v * kLanes));
    }
    for_each_sum<kRows, kVectors>([&](int m, int v) {
      const auto factor = _mm512_set1_epi32(static_cast<int32_t>(a[m * row_stride]));
      sums[m][v] = _mm512_dpbf16_ps(sums[m][v], reinterpret_cast<__m512bh>(factor), columns[v]);
    });
    a += depth_stride;
    b += p.right.stride;
  }
#pragma GCC unroll 12
  for (int m = 0; m < kRows; ++m) p.out.end(row + m, col, sums[m]);
}

template <int kRows, int kVectors, class Left, class Out>
HWY_INLINE void tiles_down(const Product<Left, Out>& p, int64_t row, int64_t col) {
  for (; row + kRows <= p.rows + p.rows % 2; row += kRows) tile<kRows, kVectors>(p, row, col);
  if constexpr (kRows > 2) tiles_down<fewer_rows(kRows), kVectors>(p, row, col);
}

// All rows of a panel of columns, whose part of the right operand stays in L1 meanwhile.
template <int kVectors, class Left, class Out>
HWY_NOINLINE void panel(const Product<Left, Out>& p, int64_t col) {
  const Product<Left, Out> copy = p;  // a local copy, which stores of results cannot alias
  tiles_down<tile_rows(kVectors), kVectors>(copy, int64_t{0}, col);
}

// Panels have nearly equal widths, because a narrow tile is bound by the latency of its sums.
template <class Left, class Out>
HWY_INLINE void multiply(const Product<Left, Out>& p) {
  const int64_t vectors = vectors_for(p.cols);
  for (int64_t done = 0; done < vectors;) {
    const int64_t rest = vectors - done, col = done * kLanes;
    if (rest >= 4 && rest != 5) {
      panel<4>(p, col);
      done += 4;
    } else if (rest >= 3) {
      panel<3>(p, col);
      done += 3;
    } else if (rest == 2) {
      panel<2>(p, col);
      done += 2;
    } else {
      panel<1>(p, col);
      done += 1;
    }
  }
}

}  // namespace bertune::cpu::bf16
HWY_POP_ATTRIBUTES
