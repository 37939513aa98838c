// SPDX-License-Identifier: Apache-2.0
// Processes one window or row of logits at a time, whose exponentials stay in the core's cache. The
// functions of loss.h, at the end, split the work over threads and dispatch to the instruction set
// at run time.
#include "engine/cpu/loss.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "engine/bfloat16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/loss.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// power[i] = exp(x[i] - `largest`) for i < count; returns their sum.
HWY_INLINE float exponentials(const float* x, int64_t count, float largest, float* power) {
  Vector sum = zeros();
  for_each_vector(count, [&](int64_t i, auto lanes) HWY_ATTR {
    const Vector p = only(lanes, exp(hn::Sub(load(lanes, x + i), broadcast(largest))));
    sum = hn::Add(sum, p);
    store(lanes, p, power + i);
  });
  return sum_of(sum);
}

inline void assign(float value, float& out) { out = value; }
inline void assign(float value, BFloat16& out) { out = to_bfloat16(value); }

template <typename T>
void cross_entropy_columns(const CrossEntropy& e, float* scratch, int64_t window, float* losses) {
  const auto logits = e.logits.as<float>();
  const auto d_logits = e.d_logits.as<T>();
  const auto offsets = e.packing.offsets.as<int32_t>(), targets = e.targets.as<int32_t>();
  const int64_t begin = offsets(0, window), length = offsets(0, window + 1) - begin;
  const auto scale = static_cast<float>(e.scale);
  float* column = scratch;
  float* power = scratch + e.packing.max_length;
  for (int64_t c = 0; c < logits.cols; ++c) {
    const int64_t target = targets(window, c);
    CHECK(target >= 0 && target < length);
    for (int64_t i = 0; i < length; ++i) column[i] = logits(begin + i, c);
    const float largest = *std::max_element(column, column + length);
    const float sum = exponentials(column, length, largest, power);
    losses[window * logits.cols + c] = largest + std::log(sum) - column[target];
    for (int64_t i = 0; i < length; ++i) {
      const float certain = i == target ? scale : 0.0f;
      assign(scale / sum * power[i] - certain, d_logits(begin + i, c));
    }
  }
}

// scratch: [2, length of the longest window]. losses: one for each target.
void cross_entropy_window(const CrossEntropy& e, float* scratch, int64_t window, float* losses) {
  e.d_logits.dtype == DType::kBF16 ? cross_entropy_columns<BFloat16>(e, scratch, window, losses)
                                   : cross_entropy_columns<float>(e, scratch, window, losses);
}

HWY_INLINE float largest_of(const float* x, int64_t count) {
  Vector largest = broadcast(x[0]);
  for_each_vector(count, [&](int64_t i, auto lanes) HWY_ATTR {
    const Vector v = load(lanes, x + i);
    largest = hn::Max(largest, with_others(lanes, v, largest));
  });
  return max_of(largest);
}

template <typename T>
HWY_INLINE void store_scaled(const float* x, int64_t count, float scale, T* out) {
  for_each_vector(count, [&](int64_t i, auto lanes) HWY_ATTR {
    store(lanes, hn::Mul(load(lanes, x + i), broadcast(scale)), out + i);
  });
}

// power: [columns]. Returns the loss of the row.
template <typename T>
float cross_entropy_row(const CrossEntropy& e, float* power, int64_t row) {
  const auto logits = e.logits.as<float>();
  const auto d_logits = e.d_logits.as<T>();
  const int64_t target = e.targets.as<int32_t>()(row, 0);
  if (target < 0) {
    std::fill_n(d_logits.row(row), d_logits.cols, T{});
    return 0.0f;
  }
  CHECK(target < logits.cols);
  const auto scale = static_cast<float>(e.scale);
  const float* x = logits.row(row);
  const float largest = largest_of(x, logits.cols);
  const float sum = exponentials(x, logits.cols, largest, power);
  const float loss = largest + std::log(sum) - x[target];  // before d_logits may overwrite x
  store_scaled(power, logits.cols, scale / sum, d_logits.row(row));
  assign(scale / sum * power[target] - scale, d_logits(row, target));
  return loss;
}

// losses: those of the rows from `begin`.
void cross_entropy_rows(const CrossEntropy& e, float* power, int64_t begin, int64_t end,
                        float* losses) {
  for (int64_t row = begin; row < end; ++row) {
    *losses++ = e.d_logits.dtype == DType::kBF16 ? cross_entropy_row<BFloat16>(e, power, row)
                                                 : cross_entropy_row<float>(e, power, row);
  }
}

template <typename T>
void squared_error_rows(const SquaredError& e, float* losses) {
  const auto predictions = e.predictions.as<float>(), targets = e.targets.as<float>();
  const auto d_predictions = e.d_predictions.as<T>();
  const auto scale = static_cast<float>(2.0 * e.scale);
  for (int64_t r = 0; r < predictions.rows; ++r) {
    for (int64_t c = 0; c < predictions.cols; ++c) {
      const float distance = predictions(r, c) - targets(r, c);
      *losses++ = distance * distance;
      assign(scale * distance, d_predictions(r, c));
    }
  }
}

void squared_error_all(const SquaredError& e, float* losses) {
  e.d_predictions.dtype == DType::kBF16 ? squared_error_rows<BFloat16>(e, losses)
                                        : squared_error_rows<float>(e, losses);
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(cross_entropy_window);
HWY_EXPORT(cross_entropy_rows);
HWY_EXPORT(squared_error_all);

namespace cpu {
namespace {

constexpr int64_t kElementBlock = 1 << 15;

void cross_entropy_of_windows(const CrossEntropy& e, Workspace& workspace, float* losses) {
  workspace.thread.prepare(2 * e.packing.max_length);
  parallel_for(e.packing.windows, 1, [&](int64_t window, int64_t end) {
    for (; window < end; ++window) {
      HWY_DYNAMIC_DISPATCH(cross_entropy_window)(e, workspace.thread.mine(), window, losses);
    }
  });
}

void cross_entropy_of_rows(const CrossEntropy& e, Workspace& workspace, float* losses) {
  workspace.thread.prepare(padded(e.logits.cols));
  const int64_t block = std::max<int64_t>(1, kElementBlock / e.logits.cols);
  parallel_for(e.logits.rows, block, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(cross_entropy_rows)
    (e, workspace.thread.mine(), begin, end, losses + begin);
  });
}

// sum += the losses in their order, by one thread, because there are few: at most one per token.
void add_losses(const float* losses, int64_t count, const Tensor& sum) {
  double& total = sum.as<double>()(0, 0);
  for (int64_t i = 0; i < count; ++i) total += static_cast<double>(losses[i]);
}

// One thread and no vectors, because there are few: windows times labels.
template <typename T>
void binary_cross_entropy_rows(const BinaryCrossEntropy& e, float* losses) {
  const auto logits = e.logits.as<float>(), targets = e.targets.as<float>();
  const auto d_logits = e.d_logits.as<T>();
  const auto scale = static_cast<float>(e.scale);
  for (int64_t r = 0; r < logits.rows; ++r) {
    for (int64_t c = 0; c < logits.cols; ++c) {
      const float x = logits(r, c), power = std::exp(-std::abs(x));
      const float probability = (x < 0.0f ? power : 1.0f) / (1.0f + power);
      *losses++ = std::max(x, 0.0f) + std::log1p(power) - targets(r, c) * x;
      HWY_STATIC_DISPATCH(assign)(scale * (probability - targets(r, c)), d_logits(r, c));
    }
  }
}

}  // namespace

void run(const CrossEntropy& e, Workspace& workspace) {
  float* losses = workspace.partial.take(e.targets.size());
  e.segment == Segment::kRowsOfWindow ? cross_entropy_of_windows(e, workspace, losses)
                                      : cross_entropy_of_rows(e, workspace, losses);
  add_losses(losses, e.targets.size(), e.loss);
}

void run(const SquaredError& e, Workspace& workspace) {
  float* losses = workspace.partial.take(e.targets.size());
  HWY_DYNAMIC_DISPATCH(squared_error_all)(e, losses);
  add_losses(losses, e.targets.size(), e.loss);
}

void run(const BinaryCrossEntropy& e, Workspace& workspace) {
  float* losses = workspace.partial.take(e.targets.size());
  e.d_logits.dtype == DType::kBF16 ? binary_cross_entropy_rows<BFloat16>(e, losses)
                                   : binary_cross_entropy_rows<float>(e, losses);
  add_losses(losses, e.targets.size(), e.loss);
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
