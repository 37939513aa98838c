// SPDX-License-Identifier: Apache-2.0
// Each kernel processes a range of rows and is compiled for every instruction set. The functions of
// rows.h, at the end, split the rows over threads and dispatch to the instruction set at run time.
#include "engine/cpu/rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/rows.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// A range of rows or columns, the work of one task.
struct Range {
  int64_t begin, end;
};

// Embedding.

template <typename T>
void embed_rows(const Embed& e, Range rows) {
  const auto ids = e.ids.as<int32_t>(), positions = e.positions.as<int32_t>();
  const auto types = e.types.as<int32_t>();
  const auto word_table = e.word.as<float>(), position_table = e.position.as<float>();
  const auto type_table = e.type.as<float>();
  const auto out = e.out.as<T>();
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    const float* word = word_table.row(ids(0, r));
    const float* position = position_table.row(positions(0, r));
    if (!type_table) {
      for_each_vector(out.cols, [&](int64_t c, auto lanes) HWY_ATTR {
        store(lanes, hn::Add(load(lanes, word + c), load(lanes, position + c)), out.row(r) + c);
      });
      continue;
    }
    const float* type = type_table.row(types(0, r));
    for_each_vector(out.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      const Vector place = hn::Add(load(lanes, position + c), load(lanes, type + c));
      store(lanes, hn::Add(load(lanes, word + c), place), out.row(r) + c);
    });
  }
}

void embed_block(const Embed& e, int64_t begin, int64_t end) {
  e.out.dtype == DType::kBF16 ? embed_rows<BFloat16>(e, {begin, end})
                              : embed_rows<float>(e, {begin, end});
}

// table[indices[r]] += x[r] for all rows r in the given order, in which the rows that are added to
// one row of the table are adjacent.
template <typename T>
HWY_INLINE void add_to_table(const Tensor& indices, const Tensor& order, Matrix<T> x,
                             Matrix<float> table, Range cols) {
  const int32_t* index = indices.as<int32_t>().data;
  const int32_t* row = order.as<int32_t>().data;
  const int32_t* const end = row + order.cols;
  while (row < end) {
    const int32_t* const first = row;
    while (row < end && index[*row] == index[*first]) ++row;
    float* out = table.row(index[*first]) + cols.begin;
    for_each_vector(cols.end - cols.begin, [&](int64_t c, auto lanes) HWY_ATTR {
      Vector sum = load(lanes, out + c);
      for (const int32_t* r = first; r < row; ++r) {
        sum = hn::Add(sum, load(lanes, x.row(*r) + cols.begin + c));
      }
      store(lanes, sum, out + c);
    });
  }
}

// Tasks split the columns, not the rows, because almost all rows have the same token type.
template <typename T>
void embed_backward_columns(const EmbedBackward& e, Range cols) {
  const auto d_out = e.d_out.as<T>();
  add_to_table(e.ids, e.by_id, d_out, e.d_word.as<float>(), cols);
  add_to_table(e.positions, e.by_position, d_out, e.d_position.as<float>(), cols);
  if (e.d_type) add_to_table(e.types, e.by_type, d_out, e.d_type.as<float>(), cols);
}

void embed_backward_block(const EmbedBackward& e, int64_t begin, int64_t end) {
  e.d_out.dtype == DType::kBF16 ? embed_backward_columns<BFloat16>(e, {begin, end})
                                : embed_backward_columns<float>(e, {begin, end});
}

// Residual and LayerNorm.

// The dropout factors of a row, if there is dropout.
HWY_INLINE void row_factors(const Dropout& dropout, const Matrix<uint64_t>& row_keys, int64_t row,
                            int64_t cols, float* factors) {
  if (!dropout) return;
  dropout_factors(fold(row_keys(0, row), dropout.key), dropout.threshold,
                  static_cast<float>(dropout.scale()), cols, factors);
}

// sum[c] = row[c] = dropout(x[c]) + residual[c]; returns the sum over c. `row` stays in fp32, so
// that the rounding of `sum`, which the backward pass reads, does not affect statistics and output.
template <typename T>
HWY_INLINE float add_residual(const AddNorm& n, int64_t r, const float* factors, float* row) {
  const T* x = n.x.as<T>().row(r);
  const T* residual = n.residual ? n.residual.as<T>().row(r) : nullptr;
  T* sum = n.sum.as<T>().row(r);
  Vector total = zeros();
  for_each_vector(n.x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
    Vector v = load(lanes, x + c);
    if (n.dropout) v = hn::Mul(v, load(factors + c));
    if (residual) v = hn::Add(v, load(lanes, residual + c));
    total = hn::Add(total, v);
    store(v, row + c);
    store(lanes, v, sum + c);
  });
  return sum_of(total);
}

HWY_INLINE float squared_distance(const float* row, int64_t cols, float mean) {
  Vector squares = zeros();
  for_each_vector(cols, [&](int64_t c, auto lanes) HWY_ATTR {
    const Vector d = only(lanes, hn::Sub(load(row + c), broadcast(mean)));
    squares = hn::MulAdd(d, d, squares);
  });
  return sum_of(squares);
}

// `row` and `factors` have the columns rounded up.
template <typename T>
void add_norm_rows(const AddNorm& n, float* row, float* factors, Range rows) {
  const auto row_keys = n.row_keys.as<uint64_t>();
  const auto mean_of = n.mean.as<float>(), rstd_of = n.rstd.as<float>();
  const float* gamma = n.gamma.as<float>().data;
  const float* beta = n.beta.as<float>().data;
  const auto width = static_cast<float>(n.x.cols);
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    row_factors(n.dropout, row_keys, r, n.x.cols, factors);
    const float mean = add_residual<T>(n, r, factors, row) / width;
    const float variance = squared_distance(row, n.x.cols, mean) / width;
    const float rstd = 1.0f / std::sqrt(variance + static_cast<float>(n.epsilon));
    if (mean_of) mean_of(0, r) = mean;
    if (rstd_of) rstd_of(0, r) = rstd;
    T* out = n.out.as<T>().row(r);
    for_each_vector(n.x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      const Vector normalized = hn::Mul(hn::Sub(load(row + c), broadcast(mean)), broadcast(rstd));
      store(lanes, hn::MulAdd(normalized, load(lanes, gamma + c), load(lanes, beta + c)), out + c);
    });
  }
}

void add_norm_block(const AddNorm& n, float* scratch, int64_t begin, int64_t end) {
  float* factors = scratch + padded(n.x.cols);
  n.x.dtype == DType::kBF16 ? add_norm_rows<BFloat16>(n, scratch, factors, {begin, end})
                            : add_norm_rows<float>(n, scratch, factors, {begin, end});
}

// The scratch of one backward task: rows of [columns rounded up] each.
struct NormScratch {
  float* factors;
  float* scaled;      // gradient * gamma
  float* normalized;  // (sum - mean) * rstd
  float* d_gamma;     // partial sums over the task's rows
  float* d_beta;
};

struct NormMeans {
  float gradient, product;  // sums of `scaled` and of `scaled` * `normalized`
};

template <typename T>
HWY_INLINE NormMeans norm_means(const AddNormBackward& n, int64_t r, const NormScratch& s) {
  const T* sum = n.sum.as<T>().row(r);
  const T* d_out = n.d_out.as<T>().row(r);
  const T* d_out_residual = n.d_out_residual ? n.d_out_residual.as<T>().row(r) : nullptr;
  const float* gamma = n.gamma.as<float>().data;
  const Vector mean = broadcast(n.mean.as<float>()(0, r));
  const Vector rstd = broadcast(n.rstd.as<float>()(0, r));
  Vector gradients = zeros(), products = zeros();
  for_each_vector(n.sum.cols, [&](int64_t c, auto lanes) HWY_ATTR {
    Vector gradient = load(lanes, d_out + c);
    if (d_out_residual) gradient = hn::Add(gradient, load(lanes, d_out_residual + c));
    const Vector normalized = hn::Mul(hn::Sub(load(lanes, sum + c), mean), rstd);
    const Vector scaled = hn::Mul(gradient, load(lanes, gamma + c));
    gradients = hn::Add(gradients, scaled);
    products = hn::MulAdd(scaled, normalized, products);
    store(hn::Add(load(s.d_beta + c), gradient), s.d_beta + c);
    store(hn::MulAdd(gradient, normalized, load(s.d_gamma + c)), s.d_gamma + c);
    store(scaled, s.scaled + c);
    store(normalized, s.normalized + c);
  });
  const auto width = static_cast<float>(n.sum.cols);
  return {sum_of(gradients) / width, sum_of(products) / width};
}

template <typename T>
void add_norm_backward_rows(const AddNormBackward& n, const NormScratch& s, Range rows) {
  const auto row_keys = n.row_keys.as<uint64_t>();
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    row_factors(n.dropout, row_keys, r, n.sum.cols, s.factors);
    const NormMeans means = norm_means<T>(n, r, s);
    const Vector rstd = broadcast(n.rstd.as<float>()(0, r));
    const Vector mean_gradient = broadcast(means.gradient);
    const Vector mean_product = broadcast(means.product);
    T* d_sum = n.d_sum.as<T>().row(r);
    T* d_x = n.d_x ? n.d_x.as<T>().row(r) : nullptr;
    for_each_vector(n.sum.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      const Vector centered = hn::Sub(load(s.scaled + c), mean_gradient);
      const Vector d = hn::Mul(rstd, hn::NegMulAdd(load(s.normalized + c), mean_product, centered));
      store(lanes, d, d_sum + c);
      if (d_x) store(lanes, n.dropout ? hn::Mul(d, load(s.factors + c)) : d, d_x + c);
    });
  }
}

// partial: [2, columns rounded up], d_gamma and d_beta of these rows.
void add_norm_backward_block(const AddNormBackward& n, float* scratch, float* partial,
                             int64_t begin, int64_t end) {
  const int64_t room = padded(n.sum.cols);
  const NormScratch s{.factors = scratch,
                      .scaled = scratch + room,
                      .normalized = scratch + 2 * room,
                      .d_gamma = partial,
                      .d_beta = partial + room};
  std::fill(partial, partial + 2 * room, 0.0f);
  n.sum.dtype == DType::kBF16 ? add_norm_backward_rows<BFloat16>(n, s, {begin, end})
                              : add_norm_backward_rows<float>(n, s, {begin, end});
}

void add_rows_block(const Matrix<const float>& partial, float* out, int64_t begin, int64_t end) {
  for_each_vector(end - begin, [&](int64_t i, auto lanes) HWY_ATTR {
    Vector sum = zeros();
    for (int64_t r = 0; r < partial.rows; ++r) {
      sum = hn::Add(sum, load(lanes, partial.row(r) + begin + i));
    }
    float* result = out + begin + i;
    store(lanes, hn::Add(load(lanes, result), sum), result);
  });
}

// Dropout.

template <typename T>
void dropout_rows(const DropoutRows& d, float* factors, Range rows) {
  const auto row_keys = d.row_keys.as<uint64_t>();
  const auto x = d.x.as<T>(), out = d.out.as<T>();
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    row_factors(d.dropout, row_keys, r, x.cols, factors);
    for_each_vector(x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      const Vector v = load(lanes, x.row(r) + c);
      store(lanes, d.dropout ? hn::Mul(v, load(factors + c)) : v, out.row(r) + c);
    });
  }
}

void dropout_block(const DropoutRows& d, float* factors, int64_t begin, int64_t end) {
  d.x.dtype == DType::kBF16 ? dropout_rows<BFloat16>(d, factors, {begin, end})
                            : dropout_rows<float>(d, factors, {begin, end});
}

// Gather and scatter.

template <typename T>
void scatter_add_range(const ScatterAddRows& s, Range range) {
  const auto rows = s.rows.as<int32_t>();
  const auto x = s.x.as<T>(), out = s.out.as<T>();
  for (int64_t i = range.begin; i < range.end; ++i) {
    const T* from = x.row(i);
    T* to = out.row(rows(0, i));
    for_each_vector(x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      store(lanes, hn::Add(load(lanes, to + c), load(lanes, from + c)), to + c);
    });
  }
}

void scatter_add_block(const ScatterAddRows& s, int64_t begin, int64_t end) {
  s.x.dtype == DType::kBF16 ? scatter_add_range<BFloat16>(s, {begin, end})
                            : scatter_add_range<float>(s, {begin, end});
}

// Cast.

template <typename From, typename To>
void cast_rows(Matrix<From> x, Matrix<To> out, Range rows) {
  for (int64_t r = rows.begin; r < rows.end; ++r) {
    for_each_vector(x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      store(lanes, load(lanes, x.row(r) + c), out.row(r) + c);
    });
  }
}

template <typename From>
void cast_from(const Tensor& x, const Tensor& out, Range rows) {
  out.dtype == DType::kBF16 ? cast_rows(x.as<From>(), out.as<BFloat16>(), rows)
                            : cast_rows(x.as<From>(), out.as<float>(), rows);
}

void cast_block(const Tensor& x, const Tensor& out, int64_t begin, int64_t end) {
  x.dtype == DType::kBF16 ? cast_from<BFloat16>(x, out, {begin, end})
                          : cast_from<float>(x, out, {begin, end});
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(embed_block);
HWY_EXPORT(embed_backward_block);
HWY_EXPORT(add_norm_block);
HWY_EXPORT(add_norm_backward_block);
HWY_EXPORT(add_rows_block);
HWY_EXPORT(dropout_block);
HWY_EXPORT(scatter_add_block);
HWY_EXPORT(cast_block);

namespace cpu {
namespace {

constexpr int64_t kRowBlock = 64;  // rows per partial sum of parameter gradients
constexpr int64_t kLoneRows = 8;   // rows per task without shared sums: few, to split short tensors
constexpr int64_t kColumnBlock = 32;  // two cache lines of a table's row
constexpr int64_t kElementBlock = 1 << 15;

// A dense matrix as one row, so that narrow matrices are cast in full vectors.
Tensor flat(const Tensor& x) { return {x.data, x.dtype, 1, x.size(), x.size()}; }

void require_rows(const Tensor& rows, int64_t count) {
  const auto indices = rows.as<int32_t>();
  for (int64_t i = 0; i < indices.cols; ++i) CHECK(indices(0, i) >= 0 && indices(0, i) < count);
}

}  // namespace

void run(const Embed& e, Workspace&) {
  parallel_for(e.out.rows, kLoneRows, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(embed_block)(e, begin, end);
  });
}

void run(const EmbedBackward& e, Workspace&) {
  parallel_for(e.d_out.cols, kColumnBlock, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(embed_backward_block)(e, begin, end);
  });
}

void run(const AddNorm& n, Workspace& workspace) {
  CHECK(!n.out_int8);  // int8 rows have no kernels here
  workspace.thread.prepare(2 * padded(n.x.cols));
  parallel_for(n.x.rows, kLoneRows, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(add_norm_block)(n, workspace.thread.mine(), begin, end);
  });
}

void run(const AddNormBackward& n, Workspace& workspace) {
  const int64_t cols = padded(n.sum.cols);
  const int64_t blocks = (n.sum.rows + kRowBlock - 1) / kRowBlock;
  float* partial = workspace.partial.take(blocks * 2 * cols);
  workspace.thread.prepare(3 * cols);
  parallel_for(n.sum.rows, kRowBlock, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(add_norm_backward_block)
    (n, workspace.thread.mine(), partial + begin / kRowBlock * 2 * cols, begin, end);
  });
  add_rows({partial, blocks, n.sum.cols, 2 * cols}, n.d_gamma.as<float>().data);
  add_rows({partial + cols, blocks, n.sum.cols, 2 * cols}, n.d_beta.as<float>().data);
}

void add_rows(Matrix<const float> partial, float* out) {
  if (partial.rows == 0) return;  // even adding 0 would change -0
  parallel_for(partial.cols, 1024, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(add_rows_block)(partial, out, begin, end);
  });
}

void run(const DropoutRows& d, Workspace& workspace) {
  workspace.thread.prepare(padded(d.x.cols));
  parallel_for(d.x.rows, kLoneRows, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(dropout_block)(d, workspace.thread.mine(), begin, end);
  });
}

void run(const GatherRows& g, Workspace&) {
  require_rows(g.rows, g.x.rows);
  const auto rows = g.rows.as<int32_t>();
  const auto bytes = static_cast<size_t>(g.out.cols) * size_of(g.out.dtype);
  parallel_for(g.out.rows, kLoneRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      std::memcpy(g.out.slice_rows(i, 1).data, g.x.slice_rows(rows(0, i), 1).data, bytes);
    }
  });
}

void run(const ScatterAddRows& s, Workspace&) {
  require_rows(s.rows, s.out.rows);
  parallel_for(s.x.rows, kLoneRows, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(scatter_add_block)(s, begin, end);
  });
}

void run(const Cast& c, Workspace&) { cast(c.x, c.out); }

void cast(const Tensor& x, const Tensor& out) {
  for (const DType dtype : {x.dtype, out.dtype}) {
    CHECK(dtype == DType::kF32 || dtype == DType::kBF16);
  }
  if (!x.is_dense() || !out.is_dense()) {
    return parallel_for(x.rows, kLoneRows, [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(cast_block)(x, out, begin, end);
    });
  }
  parallel_for(x.size(), kElementBlock, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(cast_block)
    (flat(x).slice_cols(begin, end - begin), flat(out).slice_cols(begin, end - begin), 0, 1);
  });
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
