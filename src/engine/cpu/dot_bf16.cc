// SPDX-License-Identifier: Apache-2.0
#include "engine/cpu/dot_bf16.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "engine/cpu/bf16_math.h"
#include "engine/cpu/bf16_tiles.h"

BERTUNE_PUSH_BF16_ATTRIBUTES
namespace bertune::cpu {
namespace {

constexpr int kVectors = 4;  // of a row of the tile

__mmask16 first_lanes(int64_t count) { return bf16::first_of_16(std::max<int64_t>(count, 0)); }

HWY_INLINE void store_rounded(__m512 x, __mmask16 lanes, void* row, int64_t col) {
  const auto rounded = (__m256i)_mm512_cvtneps_pbh(x);
  _mm256_mask_storeu_epi16(static_cast<BFloat16*>(row) + col, lanes, rounded);
}

// The sums of one row, 16 columns from `first` on.
HWY_INLINE void store_sums(const DotOut& out, int64_t row, int64_t first, __m512 sums) {
  const int64_t place = row * out.stride + first;
  const __mmask16 lanes = first_lanes(out.cols - first);
  if (out.bias) sums = _mm512_add_ps(sums, _mm512_maskz_loadu_ps(lanes, out.bias + first));
  switch (out.store) {
    case DotStore::kGelu:
      if (out.pre) store_rounded(sums, lanes, out.pre, row * out.pre_stride + first);
      return store_rounded(bf16::gelu(sums), lanes, out.data, place);
    case DotStore::kRound:
      return store_rounded(sums, lanes, out.data, place);
    case DotStore::kAdd: {
      float* to = static_cast<float*>(out.data) + place;
      return _mm512_mask_storeu_ps(to, lanes,
                                   _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, to), sums));
    }
    case DotStore::kSums:
      return _mm512_storeu_ps(static_cast<float*>(out.data) + place, sums);
  }
}

// The sums stay in registers from the first pair to the last: with 24 of them under way, each
// waits for its predecessor no longer than the instruction takes.
template <int kRows>
void tile(const DotRows& left, const char* panel, int64_t pairs, const DotOut& out) {
  __m512 sum[kRows][kVectors];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) sum[r][v] = _mm512_setzero_ps();
  }
  const char* a = left.data;
  for (int64_t k = 0; k < pairs; ++k) {
    __m512bh columns[kVectors];
    for (int v = 0; v < kVectors; ++v) {
      columns[v] = (__m512bh)_mm512_loadu_si512(panel + v * 64);
    }
    for (int r = 0; r < kRows; ++r) {
      int pair;
      std::memcpy(&pair, a + r * left.row_stride, sizeof(pair));
      const auto row = (__m512bh)_mm512_set1_epi32(pair);
      for (int v = 0; v < kVectors; ++v) {
        sum[r][v] = _mm512_dpbf16_ps(sum[r][v], row, columns[v]);
      }
    }
    a += left.pair_stride;
    panel += kVectors * 64;
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kVectors; ++v) store_sums(out, r, v * 16, sum[r][v]);
  }
}

// Pairs [first, first + 16) of a row, as many as there are.
inline __m512i load_pairs(const float* row, int64_t first, int64_t cols) {
  const float* p = row + 2 * first;
  const int64_t rest = cols - 2 * first;
  const __m512 low = _mm512_maskz_loadu_ps(first_lanes(rest), p);
  const __m512 high = _mm512_maskz_loadu_ps(first_lanes(rest - 16), p + 16);
  return (__m512i)_mm512_cvtne2ps_pbh(high, low);
}

// Sixteen rows from `row`, sixteen pairs of each from `first`.
inline void pack_block(const Matrix<float>& weight, int64_t row, int64_t first, uint32_t* panel) {
  __m512i block[16];
  for (int64_t r = 0; r < 16; ++r) {
    block[r] = row + r < weight.rows ? load_pairs(weight.row(row + r), first, weight.cols)
                                     : _mm512_setzero_si512();
  }
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

}  // namespace
}  // namespace bertune::cpu

HWY_POP_ATTRIBUTES

namespace bertune::cpu {

bool has_dot_bf16() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bf16") && __builtin_cpu_supports("fma");
}

void pack_panel_bf16(const Matrix<float>& weight, uint32_t* panel) {
  CHECK(weight.rows <= kDotColumns && weight.cols % 2 == 0);
  pack_panel(weight, panel);
}

void dot_bf16(const DotRows& left, int64_t rows, const void* panel, int64_t pairs,
              const DotOut& out) {
  const auto* columns = static_cast<const char*>(panel);
  switch (rows) {
    case 1:
      return tile<1>(left, columns, pairs, out);
    case 2:
      return tile<2>(left, columns, pairs, out);
    case 3:
      return tile<3>(left, columns, pairs, out);
    case 4:
      return tile<4>(left, columns, pairs, out);
    case 5:
      return tile<5>(left, columns, pairs, out);
    default:
      CHECK(rows == kDotRows);
      return tile<kDotRows>(left, columns, pairs, out);
  }
}

}  // namespace bertune::cpu
