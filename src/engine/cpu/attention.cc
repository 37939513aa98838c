// SPDX-License-Identifier: Apache-2.0
// Each kernel computes one head of one window and is compiled for every instruction set. The
// functions of attention.h, at the end, distribute the heads over the threads, longest windows
// first.
#include "engine/cpu/attention.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/parallel.h"
#include "engine/cpu/attention_bf16.h"
#include "engine/cpu/head_task.h"
#include "engine/cpu/tiles.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/attention.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/tiles-inl.h"
#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

using cpu::head_part;
using cpu::HeadTask;
using cpu::kQueries;
using cpu::scale_of;

// Prefetches a row that is read shortly, because the rows of one head are too far apart for the
// hardware prefetcher.
template <typename T>
HWY_INLINE void prefetch_ahead(const Matrix<T>& x, int64_t row) {
  constexpr int64_t kRowsAhead = 16, kCacheLine = 64 / sizeof(T);
  if (row + kRowsAhead >= x.rows) return;
  for (int64_t c = 0; c < x.cols; c += kCacheLine) hwy::Prefetch(x.row(row + kRowsAhead) + c);
}

HWY_INLINE void zero_columns(float* row, int64_t begin, int64_t end) {
  for (int64_t c = begin; c < end; c += kLanes) store(zeros(), row + c);
}

// out = scale * x in fp32, with zeros in the padding, because products read it too.
template <typename T>
HWY_INLINE void copy_scaled(const Matrix<T>& x, float scale, const Matrix<float>& out) {
  const Vector factor = broadcast(scale);
  const int64_t padded_cols = padded_to_tiles(x.cols);
  const int64_t written = (x.cols + kLanes - 1) / kLanes * kLanes;
  for (int64_t r = 0; r < x.rows; ++r) {
    prefetch_ahead(x, r);
    for_each_vector(x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      store(hn::Mul(load(lanes, x.row(r) + c), factor), out.row(r) + c);
    });
    zero_columns(out.row(r), written, padded_cols);
  }
  for (int64_t r = x.rows; r < padded_to_tiles(x.rows); ++r) {
    zero_columns(out.row(r), 0, padded_cols);
  }
}

// x = scale * sums
template <typename T>
HWY_INLINE void copy_back(const Matrix<float>& sums, float scale, const Matrix<T>& x) {
  const Vector factor = broadcast(scale);
  for (int64_t r = 0; r < x.rows; ++r) {
    for_each_vector(x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      store(lanes, hn::Mul(load(sums.row(r) + c), factor), x.row(r) + c);
    });
  }
}

template <typename T>
HWY_INLINE void copy_transposed(const Matrix<T>& x, const Matrix<float>& rows,
                                const Matrix<float>& out) {
  copy_scaled(x, 1.0f, rows);
  transpose(rows, out);
}

// The dropout of one head: a row of factors per query, small enough for L1.
class HeadDropout {
 public:
  HeadDropout(const Dropout& dropout, const Packing& packing, const HeadTask& task, float* factors)
      : threshold_(dropout.threshold),
        key_(fold(dropout.key, static_cast<uint64_t>(task.head))),
        row_keys_(packing.row_keys.as<uint64_t>().data + task.begin),
        scale_(dropout ? static_cast<float>(dropout.scale()) : 1.0f),
        length_(task.length),
        factors_(factors) {}

  // The factors of a query's probabilities; nullptr without dropout.
  const float* of(int64_t query) const {
    if (threshold_ == 0) return nullptr;
    dropout_factors(fold(row_keys_[query], key_), threshold_, scale_, length_, factors_);
    return factors_;
  }

 private:
  uint32_t threshold_;
  uint64_t key_;
  const uint64_t* row_keys_;
  float scale_;
  int64_t length_;
  float* factors_;
};

// The forward pass.

// x in the lanes that take part, the lowest float in the others.
HWY_INLINE Vector or_lowest(Whole, Vector x) { return x; }
HWY_INLINE Vector or_lowest(Part part, Vector x) {
  return hn::IfThenElse(hn::FirstN(Floats(), static_cast<size_t>(part.count)), x,
                        broadcast(std::numeric_limits<float>::lowest()));
}

HWY_INLINE float largest_of(const float* scores, int64_t length) {
  Vector largest = broadcast(std::numeric_limits<float>::lowest());
  for_each_vector(length, [&](int64_t c, auto lanes) HWY_ATTR {
    largest = hn::Max(largest, or_lowest(lanes, load(scores + c)));
  });
  return max_of(largest);
}

struct Softmax {
  float log_sum_exp;
  float normalizer;  // the factor still to be applied to the row's probabilities
};

// scores[c] = factors[c] * 2^(scores[c] - maximum). Scores are in units of log 2, which saves one
// multiplication per exponential.
HWY_INLINE Softmax softmax(float* HWY_RESTRICT scores, int64_t length, const float* factors) {
  const float largest = largest_of(scores, length);
  Vector sum = zeros();
  for_each_vector(length, [&](int64_t c, auto lanes) HWY_ATTR {
    Vector p = only(lanes, exp2(hn::Sub(load(scores + c), broadcast(largest))));
    sum = hn::Add(sum, p);
    if (factors) p = hn::Mul(p, load(factors + c));
    store(p, scores + c);
  });
  const float total = sum_of(sum);
  return {largest * kLn2 + std::log(total), 1.0f / total};
}

template <typename T>
void attend(const Attention& a, const HeadTask& task, float* scratch) {
  const auto query = head_part<T>(a.qkv, 0, 3, task), key = head_part<T>(a.qkv, 1, 3, task);
  const auto value = head_part<T>(a.qkv, 2, 3, task), out = head_part<T>(a.out, 0, 1, task);
  const int64_t length = task.length, width = out.cols;
  const Matrix<float> q = take_matrix(scratch, length, width);
  const Matrix<float> v = take_matrix(scratch, length, width);
  const Matrix<float> keys = take_matrix(scratch, width, length);  // transposed
  const Matrix<float> scores = take_matrix(scratch, kQueries, length);
  const Matrix<float> context = take_matrix(scratch, kQueries, width);
  const HeadDropout dropout(a.dropout, a.packing, task, scratch);

  copy_transposed(key, v, keys);  // uses v as a buffer before v is filled
  copy_scaled(value, 1.0f, v);
  copy_scaled(query, kLog2E * scale_of(width), q);
  float* log_sum_exp = a.log_sum_exp.as<float>().row(task.head) + task.begin;
  for (int64_t first = task.first_query; first < task.end_of_queries; first += kQueries) {
    const int64_t count = std::min(kQueries, task.end_of_queries - first);
    product<Store::kAssign>(rows_of(q, first), keys, width,
                            {scores.data, count, length, scores.stride});
    float normalizer[kQueries];
    for (int64_t i = 0; i < count; ++i) {
      const Softmax row = softmax(scores.row(i), length, dropout.of(first + i));
      log_sum_exp[first + i] = row.log_sum_exp;
      normalizer[i] = row.normalizer;
    }
    product<Store::kAssign>(rows_of(scores, 0), v, length,
                            {context.data, count, width, context.stride});
    for (int64_t i = 0; i < count; ++i) {
      copy_back<T>({context.row(i), 1, width, 0}, normalizer[i], {out.row(first + i), 1, width, 0});
    }
  }
}

void attention_task(const Attention& a, const HeadTask& task, float* scratch) {
  a.qkv.dtype == DType::kBF16 ? attend<BFloat16>(a, task, scratch)
                              : attend<float>(a, task, scratch);
}

// The backward pass.

// out[r] = the inner product of row r of `a` with row r of `b`.
template <typename T>
HWY_INLINE void dot_rows(const Matrix<float>& a, const Matrix<T>& b, float* out) {
  for (int64_t r = 0; r < b.rows; ++r) {
    prefetch_ahead(b, r);
    Vector sum = zeros();
    for_each_vector(b.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      sum = hn::MulAdd(load(lanes, a.row(r) + c), load(lanes, b.row(r) + c), sum);
    });
    out[r] = sum_of(sum);
  }
}

// The values that turn a row of scores into gradients.
struct RowGradient {
  float log_sum_exp;     // in units of log 2, like the scores
  float mean_gradient;   // D in docs/math.md
  const float* factors;  // nullptr without dropout
};

// In: scores, and gradients of the probabilities after dropout. Out: the probabilities after
// dropout in `scores`, the gradients of the scores in `gradients`.
HWY_INLINE void score_gradients(const RowGradient& row, int64_t length, float* HWY_RESTRICT scores,
                                float* HWY_RESTRICT gradients) {
  const Vector log_sum_exp = broadcast(row.log_sum_exp);
  const Vector mean_gradient = broadcast(row.mean_gradient);
  for_each_vector(length, [&](int64_t c, auto lanes) HWY_ATTR {
    const Vector p = only(lanes, exp2(hn::Sub(load(scores + c), log_sum_exp)));
    Vector gradient = load(gradients + c), dropped = p;
    if (row.factors) {
      const Vector factor = load(row.factors + c);
      gradient = hn::Mul(gradient, factor);
      dropped = hn::Mul(p, factor);
    }
    store(dropped, scores + c);
    store(hn::Mul(p, hn::Sub(gradient, mean_gradient)), gradients + c);
  });
}

// The operands of a backward task, in the thread's scratch. `q` is scaled so that scores are in
// units of log 2.
struct BackwardBlocks {
  Matrix<float> q, k, d_out;               // [length, width]
  Matrix<float> keys, values;              // [width, length] transposed
  Matrix<float> d_q, d_k, d_v;             // [kQueries | length, width]
  Matrix<float> probabilities, gradients;  // [kQueries, length]
  Matrix<float> mean_gradients;            // [1, length]
  float* factors;

  BackwardBlocks(float* scratch, int64_t length, int64_t width)
      : q(take_matrix(scratch, length, width)),
        k(take_matrix(scratch, length, width)),
        d_out(take_matrix(scratch, length, width)),
        keys(take_matrix(scratch, width, length)),
        values(take_matrix(scratch, width, length)),
        d_q(take_matrix(scratch, kQueries, width)),
        d_k(take_matrix(scratch, length, width)),
        d_v(take_matrix(scratch, length, width)),
        probabilities(take_matrix(scratch, kQueries, length)),
        gradients(take_matrix(scratch, kQueries, length)),
        mean_gradients(take_matrix(scratch, 1, length)),
        factors(scratch) {}
};

// d_k and d_v of a block of queries; the first block assigns, the others add.
template <Store kStore>
HWY_INLINE void add_key_gradients(const BackwardBlocks& b, int64_t first, int64_t count) {
  const Matrix<float> d_out{b.d_out.row(first), count, b.d_out.cols, b.d_out.stride};
  const Matrix<float> q{b.q.row(first), count, b.q.cols, b.q.stride};
  product<kStore>(transpose_of(b.probabilities), d_out, count, b.d_v);
  product<kStore>(transpose_of(b.gradients), q, count, b.d_k);
}

template <typename T>
void attend_backward(const AttentionBackward& a, const HeadTask& task, float* scratch) {
  const int64_t length = task.length, width = a.out.cols / task.heads;
  const float scale = scale_of(width);
  const BackwardBlocks b(scratch, length, width);
  const HeadDropout dropout(a.dropout, a.packing, task, b.factors);
  copy_transposed(head_part<T>(a.qkv, 2, 3, task), b.q, b.values);  // uses q as a buffer
  copy_transposed(head_part<T>(a.qkv, 1, 3, task), b.k, b.keys);
  copy_scaled(head_part<T>(a.qkv, 0, 3, task), kLog2E * scale, b.q);
  copy_scaled(head_part<T>(a.d_out, 0, 1, task), 1.0f, b.d_out);
  dot_rows(b.d_out, head_part<T>(a.out, 0, 1, task), b.mean_gradients.data);

  const auto d_query = head_part<T>(a.d_qkv, 0, 3, task);
  const float* log_sum_exp = a.log_sum_exp.as<float>().row(task.head) + task.begin;
  for (int64_t first = 0; first < length; first += kQueries) {
    const int64_t count = std::min(kQueries, length - first);
    const Matrix<float> block{nullptr, count, length, b.gradients.stride};
    product<Store::kAssign>(rows_of(b.q, first), b.keys, width,
                            {b.probabilities.data, count, length, block.stride});
    product<Store::kAssign>(rows_of(b.d_out, first), b.values, width,
                            {b.gradients.data, count, length, block.stride});
    for (int64_t i = 0; i < count; ++i) {
      const RowGradient row{.log_sum_exp = kLog2E * log_sum_exp[first + i],
                            .mean_gradient = b.mean_gradients(0, first + i),
                            .factors = dropout.of(first + i)};
      score_gradients(row, length, b.probabilities.row(i), b.gradients.row(i));
    }
    first == 0 ? add_key_gradients<Store::kAssign>(b, first, count)
               : add_key_gradients<Store::kAdd>(b, first, count);
    product<Store::kAssign>(rows_of(b.gradients, 0), b.k, length,
                            {b.d_q.data, count, width, b.d_q.stride});
    copy_back<T>(b.d_q, scale, {d_query.row(first), count, width, d_query.stride});
  }
  copy_back(b.d_k, kLn2, head_part<T>(a.d_qkv, 1, 3, task));
  copy_back(b.d_v, 1.0f, head_part<T>(a.d_qkv, 2, 3, task));
}

void attention_backward_task(const AttentionBackward& a, const HeadTask& task, float* scratch) {
  a.qkv.dtype == DType::kBF16 ? attend_backward<BFloat16>(a, task, scratch)
                              : attend_backward<float>(a, task, scratch);
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(attention_task);
HWY_EXPORT(attention_backward_task);

namespace cpu {
namespace {

int64_t forward_floats(int64_t length, int64_t width) {
  return 2 * tile_floats(length, width) + tile_floats(width, length) +
         tile_floats(kQueries, length) + tile_floats(kQueries, width) + padded(length);
}

int64_t backward_floats(int64_t length, int64_t width) {
  return 5 * tile_floats(length, width) + 2 * tile_floats(width, length) +
         2 * tile_floats(kQueries, length) + tile_floats(kQueries, width) + tile_floats(1, length) +
         padded(length);
}

// The number of heads that a thread takes at once: several, so that it can prefetch the rows of its
// next head, but few, because the other threads wait for the last block.
int64_t heads_at_once(int64_t tasks) {
  return std::clamp(tasks / (16 * thread_count()), int64_t{1}, int64_t{4});
}

// The number of parts into which a head's queries are split, for at least one task per thread and
// preferably two. It is 1 if there are enough heads, because every part prepares all keys and
// values.
int64_t query_parts(const Packing& packing, int64_t heads) {
  constexpr int64_t kLeast = 64;  // queries, below which preparation takes longer than computation
  const int64_t tasks = std::max(packing.windows * heads, int64_t{1});
  const int64_t most = std::max(packing.max_length / kLeast, int64_t{1});
  return std::clamp(2 * thread_count() / tasks, int64_t{1}, most);
}

// Calls work(task) for every head of every window, longest windows first, because a long task that
// starts last leaves the other threads waiting.
template <typename Work>
void for_each_head(const Packing& packing, int64_t heads, int64_t parts,
                   std::vector<int32_t>& order, const Work& work) {
  const int32_t* offsets = packing.offsets.as<int32_t>().data;
  order.resize(static_cast<size_t>(packing.windows));
  std::iota(order.begin(), order.end(), 0);
  const auto length = [&](int32_t w) { return offsets[w + 1] - offsets[w]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](int32_t v, int32_t w) { return length(v) > length(w); });
  const int64_t tasks = packing.windows * heads * parts;
  parallel_for(tasks, heads_at_once(tasks), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int32_t window = order[static_cast<size_t>(i / (heads * parts))];
      const int64_t queries = (length(window) + parts - 1) / parts, part = i % parts;
      const HeadTask task{.head = i / parts % heads,
                          .heads = heads,
                          .begin = offsets[window],
                          .length = length(window),
                          .first_query = part * queries,
                          .end_of_queries = std::min((part + 1) * queries, int64_t{length(window)}),
                          .next_follows = parts == 1 && i + 1 < end && (i + 1) % heads != 0};
      if (task.first_query < task.end_of_queries) work(task);
    }
  });
}

// Scratch that suffices for every window: a shorter window may need more, because its blocks are
// taller.
int64_t most_floats(const Packing& packing, int64_t width,
                    int64_t (*floats)(int64_t length, int64_t width)) {
  const int32_t* offsets = packing.offsets.as<int32_t>().data;
  int64_t most = 0;
  for (int32_t w = 0; w < packing.windows; ++w) {
    most = std::max(most, floats(offsets[w + 1] - offsets[w], width));
  }
  return most;
}

}  // namespace

void attention(const Attention& a, Workspace& workspace, bool multiplies_bf16) {
  const int64_t width = a.out.cols / a.heads;
  const bool in_bf16 = multiplies_bf16 && a.qkv.dtype == DType::kBF16;
  const auto task = in_bf16 ? bf16::attend : HWY_DYNAMIC_DISPATCH(attention_task);
  const auto floats = in_bf16 ? bf16::forward_floats : forward_floats;
  workspace.thread.prepare(most_floats(a.packing, width, floats));
  for_each_head(a.packing, a.heads, query_parts(a.packing, a.heads), workspace.order,
                [&](const HeadTask& head) { task(a, head, workspace.thread.mine()); });
}

void attention_backward(const AttentionBackward& a, Workspace& workspace, bool multiplies_bf16) {
  const int64_t width = a.out.cols / a.heads;
  const bool in_bf16 = multiplies_bf16 && a.qkv.dtype == DType::kBF16;
  const auto task = in_bf16 ? bf16::attend_backward : HWY_DYNAMIC_DISPATCH(attention_backward_task);
  const auto floats = in_bf16 ? bf16::backward_floats : backward_floats;
  workspace.thread.prepare(most_floats(a.packing, width, floats));
  constexpr int64_t kWhole = 1;  // all queries add to the gradients of the keys
  for_each_head(a.packing, a.heads, kWhole, workspace.order,
                [&](const HeadTask& head) { task(a, head, workspace.thread.mine()); });
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
