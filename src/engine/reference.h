// SPDX-License-Identifier: Apache-2.0
// Every op of engine.h in plain loops, forward and backward next to each other: the specification
// that other engines are tested against. A template over the scalar: double is the oracle of tests,
// float runs anywhere, and a dual number through the forward pass checks the backward pass.
// Formulas: docs/math.md. engine/ops.h checks shapes and types, not this file.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <numbers>
#include <type_traits>
#include <vector>

#include "base/random.h"
#include "engine/engine.h"

namespace bertune::reference {

template <typename T>
Matrix<T> columns(Matrix<T> x, int64_t begin, int64_t count) {
  return {x.data + begin, x.rows, count, x.stride};
}

template <typename T>
Matrix<T> rows(Matrix<T> x, int64_t begin, int64_t count) {
  return {x.row(begin), count, x.cols, x.stride};
}

template <typename T>
T dot(const T* a, const T* b, int64_t size) {
  T sum(0.0);
  for (int64_t i = 0; i < size; ++i) sum += a[i] * b[i];
  return sum;
}

// y += factor * x
template <typename T>
void add_scaled(T factor, const T* x, T* y, int64_t size) {
  for (int64_t i = 0; i < size; ++i) y[i] += factor * x[i];
}

template <typename T>
void assign_zero(Matrix<T> x) {
  for (int64_t r = 0; r < x.rows; ++r) {
    for (int64_t c = 0; c < x.cols; ++c) x(r, c) = T(0.0);
  }
}

// log(sum_i exp(value(i))) for i < count. The maximum is subtracted first, so that exp stays
// finite.
template <typename T, typename Value>
T log_sum_exp(int64_t count, const Value& value) {
  using std::exp, std::log;
  T largest = value(0);
  for (int64_t i = 1; i < count; ++i) {
    const T candidate = value(i);
    if (largest < candidate) largest = candidate;
  }
  T sum(0.0);
  for (int64_t i = 0; i < count; ++i) sum += exp(value(i) - largest);
  return largest + log(sum);
}

// The factor by which dropout multiplies an element: 0 or 1 / (1 - p).
template <typename T>
T dropout_factor(const Dropout& dropout, uint64_t row_key, int64_t column) {
  if (!dropout) return T(1.0);
  const uint32_t bits = random_bits(fold(row_key, dropout.key), static_cast<uint32_t>(column));
  return bits >= dropout.threshold ? T(dropout.scale()) : T(0.0);
}

// The factor of element (row, column). The keys may be empty if dropout is off.
template <typename T>
T dropout_factor(const Dropout& dropout, Matrix<uint64_t> row_keys, int64_t row, int64_t column) {
  return dropout_factor<T>(dropout, dropout ? row_keys(0, row) : 0, column);
}

template <typename T>
void run(const Embed& e) {
  const auto ids = e.ids.as<int32_t>(), positions = e.positions.as<int32_t>();
  const auto types = e.types.as<int32_t>();
  const auto word = e.word.as<T>(), position = e.position.as<T>(), type = e.type.as<T>();
  const auto out = e.out.as<T>();
  for (int64_t r = 0; r < out.rows; ++r) {
    for (int64_t c = 0; c < out.cols; ++c) {
      const T place = position(positions(0, r), c);
      out(r, c) = word(ids(0, r), c) + place;
      if (type) out(r, c) += type(types(0, r), c);
    }
  }
}

// Whether `order` lists all rows sorted by their index, equal ones ascending.
inline bool sorts(Matrix<int32_t> order, Matrix<int32_t> indices) {
  for (int64_t i = 0; i < order.cols; ++i) {
    if (order(0, i) < 0 || order(0, i) >= indices.cols) return false;
    if (i == 0) continue;
    const int32_t before = order(0, i - 1), row = order(0, i);
    const bool ascends = indices(0, before) == indices(0, row) && before < row;
    if (!ascends && indices(0, before) >= indices(0, row)) return false;
  }
  return true;
}

// table[indices[r]] += x[r], in the given order of the rows.
template <typename T>
void add_to_table(Matrix<int32_t> indices, Matrix<int32_t> order, Matrix<T> x, Matrix<T> table) {
  CHECK(sorts(order, indices));
  for (int64_t i = 0; i < order.cols; ++i) {
    const int32_t r = order(0, i);
    for (int64_t c = 0; c < x.cols; ++c) table(indices(0, r), c) += x(r, c);
  }
}

template <typename T>
void run(const EmbedBackward& e) {
  const auto add = [&](const Tensor& indices, const Tensor& order, const Tensor& table) {
    add_to_table(indices.as<int32_t>(), order.as<int32_t>(), e.d_out.as<T>(), table.as<T>());
  };
  add(e.ids, e.by_id, e.d_word);
  add(e.positions, e.by_position, e.d_position);
  if (e.d_type) add(e.types, e.by_type, e.d_type);
}

// x Phi(x), where Phi is the normal distribution function.
template <typename T>
T gelu(T x) {
  using std::erf;
  return T(0.5) * x * (T(1.0) + erf(x * T(std::numbers::sqrt2 / 2)));
}

template <typename T>
T gelu_derivative(T x) {
  using std::erf, std::exp;
  const T distribution = T(0.5) * (T(1.0) + erf(x * T(std::numbers::sqrt2 / 2)));
  const T density = T(std::numbers::inv_sqrtpi * std::numbers::sqrt2 / 2) * exp(T(-0.5) * x * x);
  return distribution + x * density;
}

inline constexpr double kGeluTanhScale = 2 * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
inline constexpr double kGeluTanhCubic = 0.044715;

template <typename T>
T gelu_tanh(T x) {
  using std::tanh;
  const T inner = T(kGeluTanhScale) * (x + T(kGeluTanhCubic) * x * x * x);
  return T(0.5) * x * (T(1.0) + tanh(inner));
}

template <typename T>
T gelu_tanh_derivative(T x) {
  using std::tanh;
  const T t = tanh(T(kGeluTanhScale) * (x + T(kGeluTanhCubic) * x * x * x));
  const T d_inner = T(kGeluTanhScale) * (T(1.0) + T(3 * kGeluTanhCubic) * x * x);
  return T(0.5) * (T(1.0) + t) + T(0.5) * x * (T(1.0) - t * t) * d_inner;
}

template <typename T>
T sigmoid(T x) {
  using std::exp;
  return T(1.0) / (T(1.0) + exp(T(0.0) - x));
}

// x sigmoid(steepness x): silu for 1, quick_gelu for 1.702.
inline constexpr double kQuickGeluSteepness = 1.702;

template <typename T>
T swish(T x, double steepness) {
  return x * sigmoid(T(steepness) * x);
}

template <typename T>
T swish_derivative(T x, double steepness) {
  const T s = sigmoid(T(steepness) * x);
  return s + T(steepness) * x * s * (T(1.0) - s);
}

// tanh(log(1 + e^x)) = n / (n + 2) with n = e^x (e^x + 2). Beyond 20 it is 1 in every format, and
// e^x might be infinite.
template <typename T>
T tanh_softplus(T x) {
  using std::exp;
  if (T(20.0) < x) return T(1.0);
  const T power = exp(x);
  const T n = power * (power + T(2.0));
  return n / (n + T(2.0));
}

template <typename T>
T mish(T x) {
  return x * tanh_softplus(x);
}

template <typename T>
T mish_derivative(T x) {
  const T t = tanh_softplus(x);
  return t + x * (T(1.0) - t * t) * sigmoid(x);
}

template <typename T>
T activate(Activation activation, T x) {
  using std::tanh;
  switch (activation) {
    case Activation::kGelu:
      return gelu(x);
    case Activation::kGeluTanh:
      return gelu_tanh(x);
    case Activation::kTanh:
      return tanh(x);
    case Activation::kRelu:
      return x < T(0.0) ? T(0.0) : x;
    case Activation::kSilu:
      return swish(x, 1.0);
    case Activation::kQuickGelu:
      return swish(x, kQuickGeluSteepness);
    case Activation::kMish:
      return mish(x);
    case Activation::kNone:
      break;
  }
  return x;
}

template <typename T>
T activation_derivative(Activation activation, T x) {
  using std::tanh;
  switch (activation) {
    case Activation::kGelu:
      return gelu_derivative(x);
    case Activation::kGeluTanh:
      return gelu_tanh_derivative(x);
    case Activation::kTanh:
      return T(1.0) - tanh(x) * tanh(x);
    case Activation::kRelu:
      return T(0.0) < x ? T(1.0) : T(0.0);
    case Activation::kSilu:
      return swish_derivative(x, 1.0);
    case Activation::kQuickGelu:
      return swish_derivative(x, kQuickGeluSteepness);
    case Activation::kMish:
      return mish_derivative(x);
    case Activation::kNone:
      break;
  }
  return T(1.0);
}

// out[r] = the row r of x, quantised as engine.h says. Rounding has no derivative, so dual numbers
// have no quantised rows.
template <typename T>
requires std::floating_point<T>
void quantize(Matrix<T> x, const Int8Rows& out) {
  const auto values = out.values.as<int8_t>();
  const auto scales = out.scales.as<float>();
  for (int64_t r = 0; values && r < x.rows; ++r) {
    double largest = 0.0;
    for (int64_t c = 0; c < x.cols; ++c)
      largest = std::max(largest, std::abs(static_cast<double>(x(r, c))));
    const auto scale =
        std::max(static_cast<float>(largest / 127.5), std::numeric_limits<float>::min());
    scales(0, r) = scale;
    for (int64_t c = 0; c < x.cols; ++c) {
      const double steps = std::nearbyint(static_cast<double>(x(r, c)) / scale);
      values(r, c) = static_cast<int8_t>(std::clamp(steps, -128.0, 127.0));
    }
  }
}

template <typename T>
void quantize(Matrix<T>, const Int8Rows& out) {
  CHECK(!out);
}

// The elements that a linear op multiplies.
template <typename T>
T element(const Linear& l, int64_t r, int64_t c) {
  if (!l.x_int8) return l.x.as<T>()(r, c);
  return T(static_cast<double>(l.x_int8.scales.as<float>()(0, r))) *
         T(static_cast<double>(l.x_int8.values.as<int8_t>()(r, c)));
}

template <typename T>
void run(const Linear& l) {
  const auto weight = l.weight.as<T>(), bias = l.bias.as<T>();
  const auto pre = l.pre.as<T>(), out = l.out.as<T>();
  for (int64_t r = 0; r < out.rows; ++r) {
    for (int64_t o = 0; o < weight.rows; ++o) {
      T sum(0.0);
      for (int64_t c = 0; c < weight.cols; ++c) sum += element<T>(l, r, c) * weight(o, c);
      sum += bias(0, o);
      if (pre) pre(r, o) = sum;
      out(r, o) = activate(l.activation, sum);
    }
  }
}

template <typename T>
void run(const LinearBackward& l) {
  const auto x = l.x.as<T>(), weight = l.weight.as<T>(), pre = l.pre.as<T>();
  const auto d_out = l.d_out.as<T>(), d_x = l.d_x.as<T>();
  const auto d_weight = l.d_weight.as<T>(), d_bias = l.d_bias.as<T>();
  if (d_x) assign_zero(d_x);
  for (int64_t r = 0; r < x.rows; ++r) {
    for (int64_t o = 0; o < weight.rows; ++o) {
      if (pre) d_out(r, o) *= activation_derivative(l.activation, pre(r, o));
      d_bias(0, o) += d_out(r, o);
      add_scaled(d_out(r, o), x.row(r), d_weight.row(o), x.cols);
      if (d_x) add_scaled(d_out(r, o), weight.row(o), d_x.row(r), x.cols);
    }
  }
}

// One head of one window: queries, keys and values as [length, width / heads] views of qkv.
template <typename T>
struct HeadView {
  Matrix<T> q, k, v;

  int64_t length() const { return q.rows; }
  int64_t width() const { return q.cols; }
  T scale() const { return T(1.0 / std::sqrt(static_cast<double>(q.cols))); }
  T score(int64_t query, int64_t key) const {
    return scale() * dot(q.row(query), k.row(key), width());
  }
};

// The place of one head of one window.
struct HeadPlace {
  int64_t head, heads;
  int64_t begin, length;  // rows of the window
};

// The columns of head `place.head`, one of `heads` equal parts of x, in the rows of the window.
template <typename T>
Matrix<T> head_part(Matrix<T> x, const HeadPlace& place) {
  const int64_t width = x.cols / place.heads;
  return columns(rows(x, place.begin, place.length), place.head * width, width);
}

template <typename T>
HeadView<T> head_view(Matrix<T> qkv, const HeadPlace& place) {
  const int64_t width = qkv.cols / 3;
  return {head_part(columns(qkv, 0, width), place), head_part(columns(qkv, width, width), place),
          head_part(columns(qkv, 2 * width, width), place)};
}

template <typename Visit>
void for_each_head(const Packing& packing, int64_t heads, const Visit& visit) {
  const auto offsets = packing.offsets.as<int32_t>();
  for (int64_t head = 0; head < heads; ++head) {
    for (int64_t w = 0; w < packing.windows; ++w) {
      visit(HeadPlace{head, heads, offsets(0, w), offsets(0, w + 1) - offsets(0, w)});
    }
  }
}

// The head becomes part of the site, because each head drops its own probabilities.
inline Dropout dropout_of_head(const Dropout& dropout, int64_t head) {
  return {dropout.threshold, fold(dropout.key, static_cast<uint64_t>(head))};
}

template <typename T>
void run(const Attention& a) {
  using std::exp;
  const auto row_keys = a.packing.row_keys.as<uint64_t>();
  const auto saved = a.log_sum_exp.as<T>();
  for_each_head(a.packing, a.heads, [&](const HeadPlace& place) {
    const HeadView<T> head = head_view(a.qkv.as<T>(), place);
    const Matrix<T> out = head_part(a.out.as<T>(), place);
    const Dropout dropout = dropout_of_head(a.dropout, place.head);
    assign_zero(out);
    for (int64_t i = 0; i < head.length(); ++i) {
      const T lse = log_sum_exp<T>(head.length(), [&](int64_t j) { return head.score(i, j); });
      saved(place.head, place.begin + i) = lse;
      for (int64_t j = 0; j < head.length(); ++j) {
        const T probability = exp(head.score(i, j) - lse);
        const T factor = dropout_factor<T>(dropout, row_keys, place.begin + i, j);
        add_scaled(probability * factor, head.v.row(j), out.row(i), head.width());
      }
    }
  });
  quantize(a.out.as<T>(), a.out_int8);
}

template <typename T>
void run(const AttentionBackward& a) {
  using std::exp;
  const auto row_keys = a.packing.row_keys.as<uint64_t>();
  const auto saved = a.log_sum_exp.as<T>();
  assign_zero(a.d_qkv.as<T>());
  for_each_head(a.packing, a.heads, [&](const HeadPlace& place) {
    const HeadView<T> head = head_view(a.qkv.as<T>(), place);
    const HeadView<T> d_head = head_view(a.d_qkv.as<T>(), place);
    const Matrix<T> out = head_part(a.out.as<T>(), place);
    const Matrix<T> d_out = head_part(a.d_out.as<T>(), place);
    const Dropout dropout = dropout_of_head(a.dropout, place.head);
    const int64_t width = head.width();
    for (int64_t i = 0; i < head.length(); ++i) {
      const T lse = saved(place.head, place.begin + i);
      const T mean_gradient = dot(d_out.row(i), out.row(i), width);  // D in docs/math.md
      for (int64_t j = 0; j < head.length(); ++j) {
        const T probability = exp(head.score(i, j) - lse);
        const T factor = dropout_factor<T>(dropout, row_keys, place.begin + i, j);
        const T d_probability = factor * dot(d_out.row(i), head.v.row(j), width);
        const T d_score = head.scale() * probability * (d_probability - mean_gradient);
        add_scaled(d_score, head.k.row(j), d_head.q.row(i), width);
        add_scaled(d_score, head.q.row(i), d_head.k.row(j), width);
        add_scaled(probability * factor, d_out.row(i), d_head.v.row(j), width);
      }
    }
  });
}

template <typename T>
struct RowStatistics {
  T mean, rstd;
};

template <typename T>
RowStatistics<T> row_statistics(const T* x, int64_t width, double epsilon) {
  using std::sqrt;
  T sum(0.0), squares(0.0);
  for (int64_t c = 0; c < width; ++c) sum += x[c];
  const T mean = sum / T(static_cast<double>(width));
  for (int64_t c = 0; c < width; ++c) squares += (x[c] - mean) * (x[c] - mean);
  return {mean, T(1.0) / sqrt(squares / T(static_cast<double>(width)) + T(epsilon))};
}

template <typename T>
void run(const AddNorm& n) {
  const auto x = n.x.as<T>(), residual = n.residual.as<T>(), sum = n.sum.as<T>();
  const auto gamma = n.gamma.as<T>(), beta = n.beta.as<T>(), out = n.out.as<T>();
  const auto mean = n.mean.as<T>(), rstd = n.rstd.as<T>();
  const auto row_keys = n.row_keys.as<uint64_t>();
  for (int64_t r = 0; r < x.rows; ++r) {
    for (int64_t c = 0; c < x.cols; ++c) {
      const T dropped = dropout_factor<T>(n.dropout, row_keys, r, c) * x(r, c);
      sum(r, c) = residual ? dropped + residual(r, c) : dropped;
    }
    const RowStatistics<T> row = row_statistics(sum.row(r), sum.cols, n.epsilon);
    if (mean) mean(0, r) = row.mean;
    if (rstd) rstd(0, r) = row.rstd;
    for (int64_t c = 0; c < x.cols; ++c) {
      out(r, c) = (sum(r, c) - row.mean) * row.rstd * gamma(0, c) + beta(0, c);
    }
  }
  quantize(out, n.out_int8);
}

template <typename T>
void run(const AddNormBackward& n) {
  const auto sum = n.sum.as<T>(), mean = n.mean.as<T>(), rstd = n.rstd.as<T>();
  const auto gamma = n.gamma.as<T>(), d_out = n.d_out.as<T>();
  const auto d_out_residual = n.d_out_residual.as<T>();
  const auto d_x = n.d_x.as<T>(), d_sum = n.d_sum.as<T>();
  const auto d_gamma = n.d_gamma.as<T>(), d_beta = n.d_beta.as<T>();
  const auto row_keys = n.row_keys.as<uint64_t>();
  const T width = T(static_cast<double>(sum.cols));
  for (int64_t r = 0; r < sum.rows; ++r) {
    const auto normalized = [&](int64_t c) { return (sum(r, c) - mean(0, r)) * rstd(0, r); };
    const auto gradient = [&](int64_t c) {
      return d_out_residual ? d_out(r, c) + d_out_residual(r, c) : d_out(r, c);
    };
    T mean_gradient(0.0), mean_product(0.0);  // of g = gradient * gamma and of g * normalized
    for (int64_t c = 0; c < sum.cols; ++c) {
      d_beta(0, c) += gradient(c);
      d_gamma(0, c) += gradient(c) * normalized(c);
      mean_gradient += gradient(c) * gamma(0, c) / width;
      mean_product += gradient(c) * gamma(0, c) * normalized(c) / width;
    }
    for (int64_t c = 0; c < sum.cols; ++c) {
      const T g = gradient(c) * gamma(0, c);
      const T d = rstd(0, r) * (g - mean_gradient - normalized(c) * mean_product);
      d_sum(r, c) = d;
      if (d_x) d_x(r, c) = dropout_factor<T>(n.dropout, row_keys, r, c) * d;
    }
  }
}

template <typename T>
void run(const DropoutRows& d) {
  const auto x = d.x.as<T>(), out = d.out.as<T>();
  const auto row_keys = d.row_keys.as<uint64_t>();
  for (int64_t r = 0; r < x.rows; ++r) {
    for (int64_t c = 0; c < x.cols; ++c) {
      out(r, c) = dropout_factor<T>(d.dropout, row_keys, r, c) * x(r, c);
    }
  }
}

template <typename T>
void run(const GatherRows& g) {
  const auto x = g.x.as<T>(), out = g.out.as<T>();
  const auto rows = g.rows.as<int32_t>();
  for (int64_t i = 0; i < out.rows; ++i) {
    CHECK(rows(0, i) >= 0 && rows(0, i) < x.rows);
    for (int64_t c = 0; c < out.cols; ++c) out(i, c) = x(rows(0, i), c);
  }
}

template <typename T>
void run(const ScatterAddRows& s) {
  const auto x = s.x.as<T>(), out = s.out.as<T>();
  const auto rows = s.rows.as<int32_t>();
  std::vector<bool> listed(static_cast<size_t>(out.rows));
  for (int64_t i = 0; i < x.rows; ++i) {
    CHECK(rows(0, i) >= 0 && rows(0, i) < out.rows && !listed[rows(0, i)]);
    listed[rows(0, i)] = true;
    for (int64_t c = 0; c < x.cols; ++c) out(rows(0, i), c) += x(i, c);
  }
}

// The scalar that losses are added up in: double, or the dual number itself.
template <typename T>
using Sum = std::conditional_t<std::is_same_v<T, float>, double, T>;

// The loss of one segment, whose logits are a column of `logits`, and its gradient.
template <typename T>
T cross_entropy_of(Matrix<T> logits, int64_t target, double scale, Matrix<T> d_logits) {
  using std::exp;
  CHECK(target >= 0 && target < logits.rows);
  const T lse = log_sum_exp<T>(logits.rows, [&](int64_t i) { return logits(i, 0); });
  const T loss = lse - logits(target, 0);
  for (int64_t i = 0; i < logits.rows; ++i) {
    const T probability = exp(logits(i, 0) - lse);
    d_logits(i, 0) = T(scale) * (probability - T(i == target ? 1.0 : 0.0));
  }
  return loss;
}

template <typename T>
void cross_entropy_of_windows(const CrossEntropy& e) {
  const auto logits = e.logits.as<T>(), d_logits = e.d_logits.as<T>();
  const auto loss = e.loss.as<Sum<T>>();
  const auto offsets = e.packing.offsets.as<int32_t>(), targets = e.targets.as<int32_t>();
  for (int64_t w = 0; w < e.packing.windows; ++w) {
    const int64_t begin = offsets(0, w), length = offsets(0, w + 1) - begin;
    for (int64_t c = 0; c < logits.cols; ++c) {
      const auto column = [&](Matrix<T> x) { return columns(rows(x, begin, length), c, 1); };
      loss(0, 0) +=
          Sum<T>(cross_entropy_of(column(logits), targets(w, c), e.scale, column(d_logits)));
    }
  }
}

template <typename T>
void cross_entropy_of_rows(const CrossEntropy& e) {
  const auto logits = e.logits.as<T>(), d_logits = e.d_logits.as<T>();
  const auto loss = e.loss.as<Sum<T>>();
  const auto targets = e.targets.as<int32_t>();
  for (int64_t r = 0; r < logits.rows; ++r) {
    if (targets(r, 0) < 0) {
      assign_zero(rows(d_logits, r, 1));
      continue;
    }
    loss(0, 0) += Sum<T>(cross_entropy_of<T>({logits.row(r), logits.cols, 1, 1}, targets(r, 0),
                                             e.scale, {d_logits.row(r), logits.cols, 1, 1}));
  }
}

template <typename T>
void run(const CrossEntropy& e) {
  e.segment == Segment::kRowsOfWindow ? cross_entropy_of_windows<T>(e)
                                      : cross_entropy_of_rows<T>(e);
}

template <typename T>
void run(const SquaredError& e) {
  const auto predictions = e.predictions.as<T>(), targets = e.targets.as<T>();
  const auto d_predictions = e.d_predictions.as<T>();
  const auto loss = e.loss.as<Sum<T>>();
  for (int64_t r = 0; r < predictions.rows; ++r) {
    for (int64_t c = 0; c < predictions.cols; ++c) {
      const T distance = predictions(r, c) - targets(r, c);
      loss(0, 0) += Sum<T>(distance * distance);
      d_predictions(r, c) = T(2.0 * e.scale) * distance;
    }
  }
}

// log(1 + exp(x)) as max(x, 0) + log(1 + exp(-|x|)), which stays finite.
template <typename T>
void run(const BinaryCrossEntropy& e) {
  using std::exp, std::log;
  const auto logits = e.logits.as<T>(), targets = e.targets.as<T>(), d_logits = e.d_logits.as<T>();
  const auto loss = e.loss.as<Sum<T>>();
  for (int64_t r = 0; r < logits.rows; ++r) {
    for (int64_t c = 0; c < logits.cols; ++c) {
      const T x = logits(r, c), zero(0.0), one(1.0);
      const bool negative = x < zero;
      const T power = exp(negative ? x : zero - x);  // at most 1
      loss(0, 0) += Sum<T>((negative ? zero : x) + log(one + power) - targets(r, c) * x);
      const T probability = (negative ? power : one) / (one + power);
      d_logits(r, c) = T(e.scale) * (probability - targets(r, c));
    }
  }
}

template <typename T>
void update_segment(const AdamW& a, const AdamWSegment& segment) {
  using std::sqrt;
  const auto part = [&](const Tensor& x) {
    return columns(x.as<T>(), segment.offset, segment.size);
  };
  const Matrix<T> gradient = part(a.gradient), parameter = part(a.parameter);
  const Matrix<T> moment1 = part(a.moment1), moment2 = part(a.moment2);
  const Matrix<T> weight = segment.weight.as<T>();
  for (int64_t i = 0; i < segment.size; ++i) {
    const T g = T(a.gradient_scale) * gradient(0, i);
    T& p = parameter(0, i);
    T& m = moment1(0, i);
    T& v = moment2(0, i);
    p *= T(1.0 - a.learning_rate * segment.weight_decay);
    m = T(a.beta1) * m + T(1.0 - a.beta1) * g;
    v = T(a.beta2) * v + T(1.0 - a.beta2) * g * g;
    const T denominator = sqrt(v) / T(std::sqrt(a.bias_correction2)) + T(a.epsilon);
    p -= T(a.learning_rate / a.bias_correction1) * (m / denominator);
    if (weight) weight(0, i) = p;
  }
}

template <typename T>
void run(const AdamW& a) {
  for (const AdamWSegment& segment : a.segments) update_segment<T>(a, segment);
}

// In double for every scalar, because it decides whether a step is clipped.
template <typename T>
void run(const SquaredNorm& s) {
  const Matrix<T> values = s.x.as<T>();
  double sum = 0.0;
  for (int64_t r = 0; r < values.rows; ++r) {
    for (int64_t c = 0; c < values.cols; ++c) {
      sum += static_cast<double>(values(r, c)) * static_cast<double>(values(r, c));
    }
  }
  s.out.as<double>()(0, 0) = sum;
}

}  // namespace bertune::reference
