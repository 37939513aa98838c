// A product is cut into tasks of one panel and some rows; a task goes through its rows in tiles,
// whose sums pass through L1 to the code that finishes them.
// SPDX-License-Identifier: Apache-2.0
#include "engine/cpu/panels.h"

#include <algorithm>

#include "base/parallel.h"
#include "engine/cpu/dot_bf16.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/panels.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/activation-inl.h"

#ifndef BERTUNE_ENGINE_CPU_PANELS_CC_
#define BERTUNE_ENGINE_CPU_PANELS_CC_
namespace bertune {

// What becomes of a tile's sums.
struct Finish {
  const float* bias = nullptr;  // of the tile's first column
  Activation activation = Activation::kNone;
  Tensor pre, out;          // [rows, cols] the tile's part; pre may be empty
  bool accumulate = false;  // out += sums
};

inline constexpr int64_t kMostTileFloats = cpu::kDotRows * cpu::kDotColumns;

}  // namespace bertune
#endif

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// ---- fp32 tiles: 24 or 12 vectors of sums, because AVX-512 has 32 registers and the others 16

inline constexpr int64_t kPanelVectors = HWY_TARGET <= HWY_AVX3 ? 4 : 2;
inline constexpr int64_t kPanelColumns = kPanelVectors * kLanes;

int64_t fp32_panel_columns() { return kPanelColumns; }

template <int kRows>
HWY_INLINE void tile_fp32(const float* x, int64_t stride, const float* panel, int64_t depth,
                          float* sums) {
  Vector sum[kRows][kPanelVectors];
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kPanelVectors; ++v) sum[r][v] = zeros();
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vector columns[kPanelVectors];
    for (int v = 0; v < kPanelVectors; ++v) columns[v] = load(panel + v * kLanes);
    for (int r = 0; r < kRows; ++r) {
      const Vector row = broadcast(x[r * stride + k]);
      for (int v = 0; v < kPanelVectors; ++v) sum[r][v] = hn::MulAdd(row, columns[v], sum[r][v]);
    }
    panel += kPanelColumns;
  }
  for (int r = 0; r < kRows; ++r) {
    for (int v = 0; v < kPanelVectors; ++v) store(sum[r][v], sums + r * kPanelColumns + v * kLanes);
  }
}

// sums[r, c] over `depth`, r < rows <= kDotRows.
void dot_fp32(const Matrix<float>& x, const float* panel, float* sums) {
  switch (x.rows) {
    case 1:
      return tile_fp32<1>(x.data, x.stride, panel, x.cols, sums);
    case 2:
      return tile_fp32<2>(x.data, x.stride, panel, x.cols, sums);
    case 3:
      return tile_fp32<3>(x.data, x.stride, panel, x.cols, sums);
    case 4:
      return tile_fp32<4>(x.data, x.stride, panel, x.cols, sums);
    case 5:
      return tile_fp32<5>(x.data, x.stride, panel, x.cols, sums);
    default:
      CHECK(x.rows == cpu::kDotRows);
      return tile_fp32<cpu::kDotRows>(x.data, x.stride, panel, x.cols, sums);
  }
}

// ---- what follows a tile

template <typename Function, typename Pre, typename Out>
HWY_INLINE void finish_rows(const Finish& f, const float* sums, int64_t stride) {
  const auto pre = f.pre.as<Pre>();
  const auto out = f.out.as<Out>();
  for (int64_t r = 0; r < out.rows; ++r) {
    for_each_vector(out.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      Vector y = load(sums + r * stride + c);
      if (f.bias) y = hn::Add(y, load(lanes, f.bias + c));
      if (pre) store(lanes, y, pre.row(r) + c);
      store(lanes, Function::value(y), out.row(r) + c);
    });
  }
}

template <typename Function, typename Pre>
HWY_INLINE void finish_out(const Finish& f, const float* sums, int64_t stride) {
  f.out.dtype == DType::kBF16 ? finish_rows<Function, Pre, BFloat16>(f, sums, stride)
                              : finish_rows<Function, Pre, float>(f, sums, stride);
}

template <typename Function>
HWY_INLINE void finish_pre(const Finish& f, const float* sums, int64_t stride) {
  f.pre&& f.pre.dtype == DType::kBF16 ? finish_out<Function, BFloat16>(f, sums, stride)
                                      : finish_out<Function, float>(f, sums, stride);
}

HWY_INLINE void add_sums(const Matrix<float>& out, const float* sums, int64_t stride) {
  for (int64_t r = 0; r < out.rows; ++r) {
    for_each_vector(out.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      const Vector y = load(sums + r * stride + c);
      store(lanes, hn::Add(load(lanes, out.row(r) + c), y), out.row(r) + c);
    });
  }
}

void finish_tile(const Finish& f, const float* sums, int64_t stride) {
  if (f.accumulate) return add_sums(f.out.as<float>(), sums, stride);
  switch (f.activation) {
    case Activation::kGelu:
      return finish_pre<Gelu>(f, sums, stride);
    case Activation::kGeluTanh:
      return finish_pre<GeluTanh>(f, sums, stride);
    case Activation::kNone:
      return finish_pre<Identity>(f, sums, stride);
  }
}

// ---- packing

// out[c] = the pair (upper[c], lower[c]) with `upper` in the lower half; without `lower` zeros.
// Writes whole vectors.
template <typename T>
HWY_INLINE void interleave_rows(const T* upper, const T* lower, int64_t cols, uint32_t* out) {
  for_each_vector(cols, [&](int64_t c, auto lanes) HWY_ATTR {
    auto pair = half_bits(load(lanes, upper + c));
    if (lower) pair = hn::Or(pair, hn::ShiftLeft<16>(half_bits(load(lanes, lower + c))));
    hn::StoreU(pair, Words(), out + c);
  });
}

template <typename T>
void interleave_type(const Matrix<T>& x, int64_t row, uint32_t* out) {
  interleave_rows(x.row(row), row + 1 < x.rows ? x.row(row + 1) : nullptr, x.cols, out);
}

// Rows `row` and `row + 1` of x as pairs; `out` has room for the columns rounded up.
void interleave_pair(const Tensor& x, int64_t row, uint32_t* out) {
  x.dtype == DType::kBF16 ? interleave_type(x.as<BFloat16>(), row, out)
                          : interleave_type(x.as<float>(), row, out);
}

void round_elements(const float* x, int64_t size, BFloat16* out) {
  for_each_vector(
      size, [&](int64_t i, auto lanes) HWY_ATTR { store(lanes, load(lanes, x + i), out + i); });
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(fp32_panel_columns);
HWY_EXPORT(dot_fp32);
HWY_EXPORT(finish_tile);
HWY_EXPORT(interleave_pair);
HWY_EXPORT(round_elements);

namespace cpu {
namespace {

int64_t panel_columns(DType format) {
  return format == DType::kBF16 ? kDotColumns : HWY_DYNAMIC_DISPATCH(fp32_panel_columns)();
}

int64_t blocks_of(int64_t size, int64_t block) { return (size + block - 1) / block; }

// Rows of the next tile, where `rest` are left: the last two share what is left for them, because
// a thin tile waits for its own sums.
int64_t tile_rows(int64_t rest) {
  if (rest <= kDotRows) return rest;
  return rest < 2 * kDotRows ? (rest + 1) / 2 : kDotRows;
}

void dot(const Tensor& x, const void* panel, float* sums) {
  if (x.dtype == DType::kF32) {
    return HWY_DYNAMIC_DISPATCH(dot_fp32)(x.as<float>(), static_cast<const float*>(panel), sums);
  }
  const DotRows left{static_cast<const char*>(x.data), x.stride * 2, 4};
  dot_bf16(left, x.rows, panel, x.cols / 2, sums);
}

Tensor part(const Tensor& x, int64_t row, int64_t rows, int64_t col, int64_t cols) {
  return x ? x.slice_rows(row, rows).slice_cols(col, cols) : Tensor{};
}

// The rows of x times one panel.
void multiply_panel(const PanelProduct& p, int64_t panel, int64_t begin, int64_t end) {
  const int64_t width = panel_columns(p.x.dtype), first = panel * width;
  const int64_t cols = std::min(width, p.out.cols - first);
  const char* columns = static_cast<const char*>(p.panels.data) +
                        static_cast<size_t>(first * p.x.cols) * size_of(p.x.dtype);
  alignas(64) float sums[kMostTileFloats];
  for (int64_t row = begin, rows = 0; row < end; row += rows) {
    rows = tile_rows(end - row);
    dot(p.x.slice_rows(row, rows), columns, sums);
    const Finish finish{.bias = p.bias ? p.bias.as<float>().data + first : nullptr,
                        .activation = p.activation,
                        .pre = part(p.pre, row, rows, first, cols),
                        .out = part(p.out, row, rows, first, cols)};
    HWY_DYNAMIC_DISPATCH(finish_tile)(finish, sums, width);
  }
}

}  // namespace

bool has_panels(DType format) { return format == DType::kF32 || has_dot_bf16(); }

int64_t panel_elements(DType format, int64_t depth, int64_t cols) {
  if (format == DType::kBF16 && depth % 2 != 0) return 0;  // a pair would reach into the next row
  const int64_t width = panel_columns(format);
  return blocks_of(cols, width) * width * depth;
}

void multiply_panels(const PanelProduct& p) {
  // Rows of a task: few enough that they stay in L2 beside the panel while all panels pass by.
  constexpr int64_t kRows = 48 * kDotRows;
  const int64_t panels = blocks_of(p.out.cols, panel_columns(p.x.dtype));
  parallel_for(blocks_of(p.x.rows, kRows) * panels, 1, [&](int64_t task, int64_t) {
    const int64_t begin = task / panels * kRows;
    multiply_panel(p, task % panels, begin, std::min(begin + kRows, p.x.rows));
  });
}

// ---- packing. A step of a tile reads 32 bits of each column: one fp32, or a pair of bf16.

namespace {

uint32_t* panel_of(const Tensor& panels, int64_t panel, int64_t steps, int64_t width) {
  return static_cast<uint32_t*>(panels.data) + panel * steps * width;
}

// Rows of the weight become columns: read along the row, a cache line at a time, and written
// across.
void pack_forward_panel(const Matrix<float>& weight, DType format, int64_t first, uint32_t* out) {
  constexpr int64_t kSteps = 16;
  const bool pairs = format == DType::kBF16;
  const int64_t steps = pairs ? weight.cols / 2 : weight.cols, width = panel_columns(format);
  const int64_t cols = std::min(width, weight.rows - first);
  uint32_t block[kDotColumns][kSteps] = {};  // columns that the weight does not have stay zero
  for (int64_t step = 0; step < steps; step += kSteps) {
    const int64_t count = std::min(kSteps, steps - step);
    for (int64_t c = 0; c < cols; ++c) {
      const float* row = weight.row(first + c);
      if (pairs) {
        auto* rounded = reinterpret_cast<BFloat16*>(block[c]);
        HWY_DYNAMIC_DISPATCH(round_elements)(row + 2 * step, 2 * count, rounded);
      } else {
        std::memcpy(block[c], row + step, static_cast<size_t>(count) * sizeof(float));
      }
    }
    for (int64_t k = 0; k < count; ++k) {
      for (int64_t c = 0; c < width; ++c) *out++ = block[c][k];
    }
  }
}

// The rows of x, two and two, as the depth of panels of bf16 pairs: [cols / 64][rows / 2][64].
void pack_row_pairs(const Tensor& x, uint32_t* panels) {
  const int64_t pairs = blocks_of(x.rows, 2);
  parallel_for(blocks_of(x.cols, kDotColumns), 1, [&](int64_t panel, int64_t) {
    uint32_t* out = panels + panel * pairs * kDotColumns;
    const int64_t first = panel * kDotColumns, cols = std::min(kDotColumns, x.cols - first);
    if (cols < kDotColumns) std::fill_n(out, pairs * kDotColumns, 0u);
    const Tensor part = x.slice_cols(first, cols);
    for (int64_t k = 0; k < pairs; ++k) {
      HWY_DYNAMIC_DISPATCH(interleave_pair)(part, 2 * k, out + k * kDotColumns);
    }
  });
}

// The rows of x, two and two, as the depth of left operands: [cols / 6][rows / 2][6] pairs.
void pack_left(const Tensor& x, uint32_t* groups) {
  constexpr int64_t kCols = 16 * kDotRows;  // whole vectors as well as whole groups
  const int64_t pairs = blocks_of(x.rows, 2);
  parallel_for(x.cols, kCols, [&](int64_t begin, int64_t end) {
    const Tensor part = x.slice_cols(begin, end - begin);
    uint32_t row[kCols] = {};
    for (int64_t k = 0; k < pairs; ++k) {
      HWY_DYNAMIC_DISPATCH(interleave_pair)(part, 2 * k, row);
      for (int64_t c = 0; c < part.cols; c += kDotRows) {
        std::memcpy(groups + (begin + c) * pairs + k * kDotRows, row + c,
                    kDotRows * sizeof(uint32_t));
      }
    }
  });
}

}  // namespace

void pack_forward(const Tensor& weight, const Tensor& panels) {
  const int64_t width = panel_columns(panels.dtype);
  const int64_t steps = panels.dtype == DType::kBF16 ? weight.cols / 2 : weight.cols;
  parallel_for(blocks_of(weight.rows, width), 1, [&](int64_t panel, int64_t) {
    pack_forward_panel(weight.as<float>(), panels.dtype, panel * width,
                       panel_of(panels, panel, steps, width));
  });
}

void pack_backward(const Tensor& weight, const Tensor& panels) {
  CHECK(panels.dtype == DType::kBF16);  // who trains in fp32 multiplies the weight itself
  pack_row_pairs(weight, static_cast<uint32_t*>(panels.data));
}

// ---- the gradient of a weight

namespace {

constexpr int64_t kGradientRows = 1024;  // that are packed and multiplied at a time

}  // namespace

size_t WeightGradient::reserve(int64_t cols) {
  const int64_t pairs = kGradientRows / 2;
  const int64_t left = blocks_of(cols, kDotRows) * kDotRows * pairs;
  const int64_t right = blocks_of(cols, kDotColumns) * kDotColumns * pairs;
  left_.take(left);
  right_.take(right);
  return static_cast<size_t>(left + right) * sizeof(uint32_t);
}

void WeightGradient::add(const Tensor& d_out, const Tensor& x, const Tensor& d_weight) {
  constexpr int64_t kGroups = 16;  // of a task
  reserve(std::max(d_out.cols, x.cols));
  auto* left = reinterpret_cast<uint32_t*>(left_.take(0));
  auto* right = reinterpret_cast<uint32_t*>(right_.take(0));
  const int64_t panels = blocks_of(x.cols, kDotColumns), groups = blocks_of(d_out.cols, kDotRows);
  for (int64_t begin = 0; begin < x.rows; begin += kGradientRows) {
    const int64_t rows = std::min(kGradientRows, x.rows - begin), pairs = blocks_of(rows, 2);
    pack_left(d_out.slice_rows(begin, rows), left);
    pack_row_pairs(x.slice_rows(begin, rows), right);
    parallel_for(blocks_of(groups, kGroups) * panels, 1, [&](int64_t task, int64_t) {
      const int64_t panel = task % panels, first = panel * kDotColumns;
      const int64_t cols = std::min(kDotColumns, x.cols - first);
      const int64_t last = std::min(groups, (task / panels + 1) * kGroups);
      alignas(64) float sums[kMostTileFloats];
      for (int64_t group = task / panels * kGroups; group < last; ++group) {
        const int64_t out = group * kDotRows, count = std::min(kDotRows, d_out.cols - out);
        const DotRows tile{reinterpret_cast<const char*>(left + out * pairs), 4, 4 * kDotRows};
        dot_bf16(tile, count, right + first * pairs, pairs, sums);
        const Finish finish{
            .pre = {}, .out = part(d_weight, out, count, first, cols), .accumulate = true};
        HWY_DYNAMIC_DISPATCH(finish_tile)(finish, sums, kDotColumns);
      }
    });
  }
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
