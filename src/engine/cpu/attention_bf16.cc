// SPDX-License-Identifier: Apache-2.0
// A task processes its queries in stripes whose scores stay in cache. Rows are in fp32 between two
// products; probabilities and score gradients are rounded to bf16 as operands of the next product.
// Factors common to a row or a matrix (the softmax sum, the scales of scores and dropout) are
// applied to the results, which are fewer. Formulas: docs/math.md.
#include "engine/cpu/attention_bf16.h"

#include "engine/cpu/bf16_heads.h"

BERTUNE_PUSH_BF16_ATTRIBUTES
namespace bertune::cpu::bf16 {
namespace {

// The forward pass.

// Reduces 16 rows of 16 lanes to one number each. The rows are transposed first, because a
// reduction down columns needs no lane shuffles.
template <class Reduce>
HWY_INLINE __m512 reduce_rows(const Matrix<float>& x, int64_t first, const Reduce& reduce) {
  __m512i rows[16];
  for (int i = 0; i < 16; ++i) rows[i] = _mm512_load_si512(x.row(first + i));
  transpose_16x16(rows);
  __m512 result = _mm512_castsi512_ps(rows[0]);
  for (int i = 1; i < 16; ++i) result = reduce(result, _mm512_castsi512_ps(rows[i]));
  return result;
}

// x = m 2^e with m near 1, and log(m) = 2 artanh((m - 1) / (m + 1)) by its series, with an error of
// 1e-8.
HWY_INLINE __m512 log(__m512 x) {
  const __m512 one = _mm512_set1_ps(1.0f), sqrt2 = _mm512_set1_ps(1.41421356f);
  const __m512 e = _mm512_getexp_ps(_mm512_mul_ps(x, sqrt2));
  const __m512 m = _mm512_scalef_ps(x, _mm512_sub_ps(_mm512_setzero_ps(), e));
  const __m512 t = _mm512_div_ps(_mm512_sub_ps(m, one), _mm512_add_ps(m, one));
  const __m512 t2 = _mm512_mul_ps(t, t);
  __m512 p = _mm512_set1_ps(2.0f / 9.0f);
  p = _mm512_fmadd_ps(p, t2, _mm512_set1_ps(2.0f / 7.0f));
  p = _mm512_fmadd_ps(p, t2, _mm512_set1_ps(2.0f / 5.0f));
  p = _mm512_fmadd_ps(p, t2, _mm512_set1_ps(2.0f / 3.0f));
  p = _mm512_fmadd_ps(p, t2, _mm512_set1_ps(2.0f));
  return _mm512_fmadd_ps(e, _mm512_set1_ps(kLn2), _mm512_mul_ps(p, t));
}

// probabilities = 2^(unit * scores - offset) in the kept columns; `sums` gets the sum over all
// columns, one partial sum per lane.
template <class Columns>
HWY_INLINE void exponentials(const float* HWY_RESTRICT scores, int64_t length, float unit,
                             float offset, Columns columns, float* HWY_RESTRICT sums,
                             uint32_t* HWY_RESTRICT probabilities) {
  const __m512 units = _mm512_set1_ps(unit), offsets = _mm512_set1_ps(offset);
  __m512 first_sum = _mm512_setzero_ps(), last_sum = _mm512_setzero_ps();
  for_each_32(length, [&](int64_t c, __mmask32 in_row) {
    const __m512 first = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(scores + c), units, offsets));
    const __m512 last = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(scores + c + 16), units, offsets));
    first_sum = _mm512_mask_add_ps(first_sum, first_half(in_row), first_sum, first);
    last_sum = _mm512_mask_add_ps(last_sum, last_half(in_row), last_sum, last);
    const __m512bh kept = _mm512_maskz_cvtne2ps_pbh(in_row & columns.next(), last, first);
    _mm512_storeu_si512(probabilities + c / 2, reinterpret_cast<__m512i>(kept));
  });
  _mm512_store_ps(sums, _mm512_add_ps(first_sum, last_sum));
}

struct ForwardBlocks {
  Pairs q, k;                      // [width / 2, length] transposed
  Pairs v;                         // [length / 2, width]
  Matrix<float> scores;            // [stripe, length]
  Pairs probabilities;             // [stripe, length / 2]
  Matrix<float> lanes;             // [stripe, kLanes] maxima, then sums, before lanes are reduced
  Matrix<float> offsets, factors;  // [1, stripe]

  ForwardBlocks(Dealer& dealer, int64_t length, int64_t width)
      : q(dealer.take_transposed(length, width)),
        k(dealer.take_transposed(length, width)),
        v(dealer.take_row_pairs(length, width)),
        scores(dealer.take<float>(kStripe, length)),
        probabilities(dealer.take<uint32_t>(kStripe, pairs_for(length))),
        lanes(dealer.take<float>(2 * kLanes, kLanes)),
        offsets(dealer.take<float>(1, 2 * kLanes)),
        factors(dealer.take<float>(1, 2 * kLanes)) {}
};

// The inputs of a head's softmax other than its blocks.
template <class AnyDropout>
struct HeadSoftmax {
  Operands next;  // prefetched row by row, at the rate at which memory delivers them
  AnyDropout dropout;
  float unit;  // of scores, in units of log 2
  float dropout_scale;
  int64_t length;
  float* log_sum_exp;

  // Turns a stripe's scores into probabilities; each row still has to be multiplied by its factor.
  void operator()(const ForwardBlocks& b, int64_t first, int64_t count) const {
    for (int64_t i = 0; i < count; i += kLanes) {
      const __m512 largest =
          reduce_rows(b.lanes, i, [](auto x, auto y) { return _mm512_max_ps(x, y); });
      _mm512_store_ps(&b.offsets(0, i), _mm512_mul_ps(_mm512_set1_ps(unit), largest));
    }
    for (int64_t i = 0; i < count; ++i) {
      next.prefetch_row_into_l2(first + i);
      exponentials(b.scores.row(i), length, unit, b.offsets(0, i), dropout.columns(first + i),
                   b.lanes.row(i), b.probabilities.row(i));
    }
    for (int64_t i = 0; i < count; i += kLanes) {
      const __m512 sum =
          reduce_rows(b.lanes, i, [](auto x, auto y) { return _mm512_add_ps(x, y); });
      _mm512_store_ps(&b.factors(0, i), _mm512_div_ps(_mm512_set1_ps(dropout_scale), sum));
      const __m512 offset = _mm512_load_ps(&b.offsets(0, i));
      _mm512_mask_storeu_ps(log_sum_exp + first + i, first_of_16(count - i),
                            _mm512_fmadd_ps(offset, _mm512_set1_ps(kLn2), log(sum)));
    }
  }
};

template <class AnyDropout>
void attend_with(const Attention& a, const HeadTask& task, float* scratch) {
  const int64_t length = task.length, width = a.out.cols / task.heads;
  Dealer dealer(scratch);
  const ForwardBlocks b(dealer, length, width);
  const HeadSoftmax<AnyDropout> softmax{
      .next = Operands(a.qkv, task_after(task)),
      .dropout = AnyDropout(a.dropout, a.packing, task),
      .unit = kLog2E * scale_of(width),
      .dropout_scale = dropout_scale(a.dropout),
      .length = length,
      .log_sum_exp = a.log_sum_exp.as<float>().row(task.head) + task.begin};
  const Operands x(a.qkv, task);
  for (int64_t r = 0; r < length; r += kPackedRows) {
    for (const Matrix<BFloat16>& part : {x.q, x.k, x.v}) prefetch_packed(part, r);
    pack_transposed(x.q, r, b.q);
    pack_transposed(x.k, r, b.k);
    pack_row_pairs(x.v, r, b.v);
  }

  const Matrix<BFloat16> out = head_part<BFloat16>(a.out, 0, 1, task);
  for (int64_t first = task.first_query; first < task.end_of_queries; first += kStripe) {
    const int64_t count = std::min(kStripe, task.end_of_queries - first);
    multiply(Product<Transposed, AssignAndMax>{
        transpose_of(b.q, first), b.k, pairs_for(width), count, length, {b.scores, b.lanes}});
    softmax(b, first, count);
    multiply(
        Product<Rows, ScaleAndRound>{rows_of(b.probabilities),
                                     b.v,
                                     pairs_for(length),
                                     count,
                                     width,
                                     {{out.row(first), count, width, out.stride}, b.factors.data}});
  }
}

// The backward pass.

// out[r] = the inner product of row r of `a` with row r of `b`, for the rows from `first`.
HWY_INLINE void dot_rows(const Matrix<BFloat16>& a, const Matrix<BFloat16>& b, int64_t first,
                         float* out) {
  for (int64_t r = first; r < std::min(first + kPackedRows, a.rows); ++r) {
    __m512 sum = _mm512_setzero_ps();
    for (int64_t c = 0; c < a.cols; c += 32) {
      sum = _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(load_row(a, r, c)),
                             reinterpret_cast<__m512bh>(load_row(b, r, c)));
    }
    out[r] = _mm512_reduce_add_ps(sum);
  }
}

// The number of queries, in whole stripes, whose probabilities and score gradients stay in L2.
int64_t block_rows(int64_t length) {
  constexpr int64_t kElements = 64 * 1024;
  const int64_t stripes = kElements / (length * kStripe);
  const int64_t all = (length + kStripe - 1) / kStripe * kStripe;
  return std::min(std::max(stripes, int64_t{2}) * kStripe, all);
}

struct BackwardBlocks {
  Pairs q, k, v, d_out;           // [width / 2, length] transposed
  Pairs q_rows, k_rows, d_rows;   // [length / 2, width]: rows of q, k and d_out
  Matrix<float> d_k, d_v;         // [length, width]
  Matrix<float> scores, d_probs;  // [stripe, length]
  Pairs d_scores_rows;            // [stripe, length / 2]
  Pairs probs, d_scores;          // [block / 2, length]
  Matrix<float> d_mean;           // [1, length] D in docs/math.md

  BackwardBlocks(Dealer& dealer, int64_t length, int64_t width)
      : q(dealer.take_transposed(length, width)),
        k(dealer.take_transposed(length, width)),
        v(dealer.take_transposed(length, width)),
        d_out(dealer.take_transposed(length, width)),
        q_rows(dealer.take_row_pairs(length, width)),
        k_rows(dealer.take_row_pairs(length, width)),
        d_rows(dealer.take_row_pairs(length, width)),
        d_k(dealer.take<float>(length, width)),
        d_v(dealer.take<float>(length, width)),
        scores(dealer.take<float>(kStripe, length)),
        d_probs(dealer.take<float>(kStripe, length)),
        d_scores_rows(dealer.take<uint32_t>(kStripe, pairs_for(length))),
        probs(dealer.take<uint32_t>(pairs_for(block_rows(length)), length)),
        d_scores(dealer.take<uint32_t>(pairs_for(block_rows(length)), length)),
        d_mean(dealer.take<float>(1, length + 1)) {}

  void pack(const Operands& x) const {
    for (int64_t r = 0; r < x.q.rows; r += kPackedRows) {
      for (const auto& part : {x.q, x.k, x.v, x.out, x.d_out}) prefetch_packed(part, r);
      pack_transposed(x.q, r, q);
      pack_row_pairs(x.q, r, q_rows);
      pack_transposed(x.k, r, k);
      pack_row_pairs(x.k, r, k_rows);
      pack_transposed(x.v, r, v);
      pack_transposed(x.d_out, r, d_out);
      pack_row_pairs(x.d_out, r, d_rows);
      dot_rows(x.d_out, x.out, r, d_mean.data);
    }
  }
};

// 32 columns of a row, rounded to bf16.
struct Rounded {
  __m512i probs, d_scores;
};

// The values of one query in the backward pass.
template <class Columns>
struct Query {
  const float *scores, *d_probs;
  __m512 unit;         // of the scores, in units of log 2
  __m512 log_sum_exp;  // in units of log 2
  __m512 d_mean;       // divided by the dropout scale, like the results
  Columns columns;
  uint32_t* d_scores;

  HWY_INLINE Rounded next(int64_t c, __mmask32 in_row) {
    const __mmask32 kept = in_row & columns.next();
    const __m512 first = probability(c, first_half(in_row));
    const __m512 last = probability(c + 16, last_half(in_row));
    const __m512bh d = _mm512_cvtne2ps_pbh(d_score(c + 16, last, last_half(kept)),
                                           d_score(c, first, first_half(kept)));
    _mm512_storeu_si512(d_scores + c / 2, reinterpret_cast<__m512i>(d));
    return {reinterpret_cast<__m512i>(_mm512_maskz_cvtne2ps_pbh(kept, last, first)),
            reinterpret_cast<__m512i>(d)};
  }

 private:
  HWY_INLINE __m512 probability(int64_t c, __mmask16 in_row) const {
    const __m512 p = exp2(_mm512_fmsub_ps(_mm512_loadu_ps(scores + c), unit, log_sum_exp));
    return _mm512_maskz_mov_ps(in_row, p);
  }
  HWY_INLINE __m512 d_score(int64_t c, __m512 p, __mmask16 kept) const {
    const __m512 d_p = _mm512_maskz_loadu_ps(kept, d_probs + c);
    return _mm512_mul_ps(p, _mm512_sub_ps(d_p, d_mean));
  }
};

// The inputs of a head's backward pass other than its blocks.
template <class AnyDropout>
struct BackwardHead {
  const BackwardBlocks& blocks;
  Operands next;
  AnyDropout dropout;
  int64_t length;
  float unit;
  float dropout_scale;
  const float* log_sum_exp;

  auto query(int64_t stripe, int64_t i) const {
    const int64_t row = stripe + i;
    // A row that only completes a pair has probability 0.
    const bool is_one = row < length;
    return Query<decltype(dropout.columns(0))>{
        .scores = blocks.scores.row(i),
        .d_probs = blocks.d_probs.row(i),
        .unit = _mm512_set1_ps(unit),
        .log_sum_exp = _mm512_set1_ps(is_one ? kLog2E * log_sum_exp[row] : 1e30f),
        .d_mean = _mm512_set1_ps(is_one ? blocks.d_mean(0, row) / dropout_scale : 0.0f),
        .columns = dropout.columns(is_one ? row : length - 1),
        .d_scores = blocks.d_scores_rows.row(i)};
  }

  // Probabilities and score gradients of a stripe, which starts at row `in_block` of the block.
  void score_gradients(int64_t stripe, int64_t count, int64_t in_block) const {
    for (int64_t i = 0; i < count; i += 2) {
      next.prefetch_row_into_l2(stripe + i);
      next.prefetch_row_into_l2(stripe + i + 1);
      auto even = query(stripe, i), odd = query(stripe, i + 1);
      uint32_t* probs = blocks.probs.row((in_block + i) / 2);
      uint32_t* d_scores = blocks.d_scores.row((in_block + i) / 2);
      for_each_32(length, [&](int64_t c, __mmask32 in_row) {
        const Rounded a = even.next(c, in_row), b = odd.next(c, in_row);
        store(interleave(a.probs, b.probs), probs + c);
        store(interleave(a.d_scores, b.d_scores), d_scores + c);
      });
    }
  }
};

// out[r] = factor * x[r], rounded to bf16
void scale_and_round(const Matrix<float>& x, float factor, const Matrix<BFloat16>& out) {
  for (int64_t r = 0; r < out.rows; ++r) {
    for (int64_t c = 0; c < out.cols; c += kLanes) {
      const __m512 scaled = _mm512_mul_ps(_mm512_loadu_ps(x.row(r) + c), _mm512_set1_ps(factor));
      store_rounded(scaled, out, r, c);
    }
  }
}

// Computes d_k and d_v from a block of queries.
template <class Out>
void key_gradients(const BackwardBlocks& b, int64_t first, int64_t count) {
  const auto from = [&](const Pairs& x) {
    return Pairs{x.row(first / 2), pairs_for(count), x.cols, x.stride};
  };
  const int64_t length = b.d_v.rows, width = b.d_v.cols;
  multiply(Product<Transposed, Out>{
      transpose_of(b.probs), from(b.d_rows), pairs_for(count), length, width, {b.d_v}});
  multiply(Product<Transposed, Out>{
      transpose_of(b.d_scores), from(b.q_rows), pairs_for(count), length, width, {b.d_k}});
}

template <class AnyDropout>
void attend_backward_with(const AttentionBackward& a, const HeadTask& task, float* scratch) {
  const int64_t length = task.length, width = a.out.cols / task.heads;
  const float scale = scale_of(width), dropped_scale = dropout_scale(a.dropout);
  Dealer dealer(scratch);
  const BackwardBlocks b(dealer, length, width);
  const BackwardHead<AnyDropout> head{
      .blocks = b,
      .next = Operands(a, task_after(task)),
      .dropout = AnyDropout(a.dropout, a.packing, task),
      .length = length,
      .unit = kLog2E * scale,
      .dropout_scale = dropped_scale,
      .log_sum_exp = a.log_sum_exp.as<float>().row(task.head) + task.begin};
  b.pack(Operands(a, task));

  const Matrix<BFloat16> d_q = head_part<BFloat16>(a.d_qkv, 0, 3, task);
  float factors[kStripe];
  std::fill_n(factors, kStripe, scale * dropped_scale);
  const int64_t block = block_rows(length), stripe = b.scores.rows;
  for (int64_t first = 0; first < length; first += block) {
    const int64_t end = std::min(first + block, length);
    for (int64_t row = first; row < end; row += stripe) {
      const int64_t count = std::min(stripe, end - row);
      multiply(Product<Transposed, Assign>{
          transpose_of(b.q, row), b.k, pairs_for(width), count, length, {b.scores}});
      multiply(Product<Transposed, Assign>{
          transpose_of(b.d_out, row), b.v, pairs_for(width), count, length, {b.d_probs}});
      head.score_gradients(row, count, row - first);
      multiply(Product<Rows, ScaleAndRound>{rows_of(b.d_scores_rows),
                                            b.k_rows,
                                            pairs_for(length),
                                            count,
                                            width,
                                            {{d_q.row(row), count, width, d_q.stride}, factors}});
    }
    first == 0 ? key_gradients<Assign>(b, first, end - first)
               : key_gradients<Add>(b, first, end - first);
  }
  scale_and_round(b.d_k, scale * dropped_scale, head_part<BFloat16>(a.d_qkv, 1, 3, task));
  scale_and_round(b.d_v, dropped_scale, head_part<BFloat16>(a.d_qkv, 2, 3, task));
}

}  // namespace

void attend(const Attention& a, const HeadTask& task, float* scratch) {
  a.dropout ? attend_with<HeadDropout>(a, task, scratch) : attend_with<NoDropout>(a, task, scratch);
}

void attend_backward(const AttentionBackward& a, const HeadTask& task, float* scratch) {
  a.dropout ? attend_backward_with<HeadDropout>(a, task, scratch)
            : attend_backward_with<NoDropout>(a, task, scratch);
}

}  // namespace bertune::cpu::bf16
HWY_POP_ATTRIBUTES

namespace bertune::cpu::bf16 {

int64_t forward_floats(int64_t length, int64_t width) {
  Dealer counter(nullptr);
  ForwardBlocks(counter, length, width);
  return counter.floats();
}

int64_t backward_floats(int64_t length, int64_t width) {
  Dealer counter(nullptr);
  BackwardBlocks(counter, length, width);
  return counter.floats();
}

}  // namespace bertune::cpu::bf16
