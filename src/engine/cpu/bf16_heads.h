// SPDX-License-Identifier: Apache-2.0
// Shared by the forward and backward pass of attention_bf16.cc: the rows of a task and of the next
// one, the layout of its matrices in scratch, and the columns that dropout keeps.
#pragma once

#include "base/random.h"
#include "engine/cpu/bf16_math.h"
#include "engine/cpu/bf16_tiles.h"
#include "engine/cpu/head_task.h"

BERTUNE_PUSH_BF16_ATTRIBUTES
namespace bertune::cpu::bf16 {

// Prefetches a row, because the rows of one head are too far apart for the hardware prefetcher. The
// hint is an int: GCC has an enumeration for _MM_HINT_T0 and the like, clang only numbers.
template <int kHint>
HWY_INLINE void prefetch_row(const Matrix<BFloat16>& x, int64_t row) {
  constexpr int64_t kCacheLine = 64 / sizeof(BFloat16);
  if (row >= x.rows) return;
  for (int64_t c = 0; c < x.cols; c += kCacheLine) {
    __builtin_prefetch(x.row(row) + c, 0, kHint);
  }
}

// Prefetches the rows that are packed two calls later.
HWY_INLINE void prefetch_packed(const Matrix<BFloat16>& x, int64_t first) {
  for (int64_t i = 0; i < kPackedRows; ++i) {
    prefetch_row<_MM_HINT_T0>(x, first + 2 * kPackedRows + i);
  }
}

// The operands of a task; the forward pass uses only the first three.
struct Operands {
  Matrix<BFloat16> q, k, v, out, d_out;

  Operands(const Tensor& qkv, const HeadTask& task)
      : q(head_part<BFloat16>(qkv, 0, 3, task)),
        k(head_part<BFloat16>(qkv, 1, 3, task)),
        v(head_part<BFloat16>(qkv, 2, 3, task)) {}
  Operands(const AttentionBackward& a, const HeadTask& task) : Operands(a.qkv, task) {
    out = head_part<BFloat16>(a.out, 0, 1, task);
    d_out = head_part<BFloat16>(a.d_out, 0, 1, task);
  }

  HWY_INLINE void prefetch_row_into_l2(int64_t row) const {
    for (const Matrix<BFloat16>& x : {q, k, v, out, d_out}) prefetch_row<_MM_HINT_T1>(x, row);
  }
};

// The task that this thread runs next. It has no rows unless it is the next head, because any other
// is unknown.
inline HeadTask task_after(const HeadTask& task) {
  HeadTask next = task;
  if (task.next_follows) {
    ++next.head;
  } else {
    next.length = 0;
  }
  return next;
}

// Scratch memory.

// Hands out matrices in scratch, with the padding that kernels write and read. With a null pointer
// it only counts floats.
class Dealer {
 public:
  explicit Dealer(float* scratch) : scratch_(scratch) {}

  template <typename T>
  Matrix<T> take(int64_t rows, int64_t cols) {
    static_assert(sizeof(T) == sizeof(float));
    const int64_t stride = stride_for(cols), first = floats_;
    floats_ += (rows + rows % 2) * stride;
    return {scratch_ ? reinterpret_cast<T*>(scratch_ + first) : nullptr, rows, cols, stride};
  }
  // The outputs of pack_transposed and pack_row_pairs for a [rows, width] matrix.
  Pairs take_transposed(int64_t rows, int64_t width) {
    return take<uint32_t>((width + 31) / 32 * 16, rows);
  }
  Pairs take_row_pairs(int64_t rows, int64_t width) {
    return take<uint32_t>(pairs_for(rows), (width + 31) / 32 * 32);
  }

  int64_t floats() const { return floats_; }

 private:
  // An odd number of cache lines: with a power of two, the rows down a column would compete for a
  // few cache sets. Rows of at most a head's width are read whole and need no such stride.
  static int64_t stride_for(int64_t cols) {
    const int64_t lines = (cols + 31) / 32 * 2;
    return (lines <= 4 ? lines : lines + 1) * kLanes;
  }

  float* scratch_;
  int64_t floats_ = 0;
};

// The number of queries whose scores, and in the backward pass also their gradients, stay in cache;
// a multiple of every tile height.
inline constexpr int64_t kStripe = 24;

// Dropout.

// The mask of kept columns among a row's next 32: random_bits of base/random.h.
class KeptColumns {
 public:
  KeptColumns(uint64_t row_key, uint32_t threshold)
      : low_(_mm512_set1_epi32(static_cast<int32_t>(row_key))),
        high_(_mm512_set1_epi32(static_cast<int32_t>(row_key >> 32))),
        threshold_(_mm512_set1_epi32(static_cast<int32_t>(threshold << 16))) {
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    spread_ = _mm512_add_epi32(_mm512_mullo_epi32(lanes, golden(1)), low_);
  }

  HWY_INLINE __mmask32 next() {
    __m512i x = spread_;
    spread_ = _mm512_add_epi32(spread_, golden(16));
    x = _mm512_mullo_epi32(_mm512_xor_si512(x, _mm512_srli_epi32(x, 16)),
                           _mm512_set1_epi32(0x7FEB352D));
    x = _mm512_xor_si512(x, high_);
    x = _mm512_mullo_epi32(_mm512_xor_si512(x, _mm512_srli_epi32(x, 15)),
                           _mm512_set1_epi32(static_cast<int32_t>(0x846CA68Bu)));
    x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 16));
    // A low half is compared as the upper half of a word, because the bits below it cannot change
    // the result.
    const __mmask16 first = _mm512_cmpge_epu32_mask(_mm512_slli_epi32(x, 16), threshold_);
    const __mmask16 last = _mm512_cmpge_epu32_mask(x, threshold_);
    return _mm512_kunpackw(last, first);
  }

 private:
  static __m512i golden(uint32_t times) {
    return _mm512_set1_epi32(static_cast<int32_t>(times * 0x9E3779B9u));
  }

  __m512i low_, high_, threshold_, spread_;
};

struct AllColumns {
  static constexpr __mmask32 next() { return 0xFFFFFFFFu; }
};

// The dropout of one head. Its scale is applied to the results.
class HeadDropout {
 public:
  HeadDropout(const Dropout& dropout, const Packing& packing, const HeadTask& task)
      : threshold_(dropout.threshold),
        key_(fold(dropout.key, static_cast<uint64_t>(task.head))),
        row_keys_(packing.row_keys.as<uint64_t>().data + task.begin) {}

  KeptColumns columns(int64_t query) const { return {fold(row_keys_[query], key_), threshold_}; }

 private:
  uint32_t threshold_;
  uint64_t key_;
  const uint64_t* row_keys_;
};
struct NoDropout {
  NoDropout(const Dropout&, const Packing&, const HeadTask&) {}
  static AllColumns columns(int64_t) { return {}; }
};

inline float dropout_scale(const Dropout& dropout) {
  return dropout ? static_cast<float>(dropout.scale()) : 1.0f;
}

// Calls body(column, mask of the columns within the row) for every 32 columns.
template <typename Body>
HWY_INLINE void for_each_32(int64_t length, const Body& body) {
  int64_t c = 0;
  for (; c + 32 <= length; c += 32) body(c, __mmask32{0xFFFFFFFFu});
  if (c < length) body(c, first_of_32(length - c));
}
HWY_INLINE __mmask16 first_half(__mmask32 mask) { return static_cast<__mmask16>(mask); }
HWY_INLINE __mmask16 last_half(__mmask32 mask) { return static_cast<__mmask16>(mask >> 16); }

}  // namespace bertune::cpu::bf16
HWY_POP_ATTRIBUTES
