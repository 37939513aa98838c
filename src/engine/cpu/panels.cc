// SPDX-License-Identifier: Apache-2.0
// A product is divided into tasks of one panel and a range of rows. A task computes its rows in
// tiles, whose sums pass through L1 to the epilogue.
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

// The tile epilogue.
struct Finish {
  const float* bias = nullptr;  // of the tile's first column
  Activation activation = Activation::kNone;
  Tensor pre, out;  // [rows, cols] of the tile; pre may be empty
};

}  // namespace bertune
#endif

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// fp32 tiles: 24 or 12 vectors of sums, because AVX-512 has 32 registers and the others 16.

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

// Epilogues.

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
  const bool half = f.pre && f.pre.dtype == DType::kBF16;
  half ? finish_out<Function, BFloat16>(f, sums, stride)
       : finish_out<Function, float>(f, sums, stride);
}

void finish_tile(const Finish& f, const float* sums, int64_t stride) {
  switch (f.activation) {
    case Activation::kGelu:
      return finish_pre<Gelu>(f, sums, stride);
    case Activation::kGeluTanh:
      return finish_pre<GeluTanh>(f, sums, stride);
    case Activation::kTanh:
      return finish_pre<Tanh>(f, sums, stride);
    case Activation::kRelu:
      return finish_pre<Relu>(f, sums, stride);
    case Activation::kSilu:
      return finish_pre<Silu>(f, sums, stride);
    case Activation::kQuickGelu:
      return finish_pre<QuickGelu>(f, sums, stride);
    case Activation::kMish:
      return finish_pre<Mish>(f, sums, stride);
    case Activation::kNone:
      return finish_pre<Identity>(f, sums, stride);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(fp32_panel_columns);
HWY_EXPORT(dot_fp32);
HWY_EXPORT(finish_tile);

namespace cpu {
namespace {

int64_t panel_columns(DType format) {
  return format == DType::kBF16 ? kDotColumns : HWY_DYNAMIC_DISPATCH(fp32_panel_columns)();
}

int64_t blocks_of(int64_t size, int64_t block) { return (size + block - 1) / block; }

// The number of rows of the next tile if `rest` rows are left. The last two tiles share their rows
// evenly, because a thin tile is bound by the latency of its sums.
int64_t tile_rows(int64_t rest) {
  if (rest <= kDotRows) return rest;
  return rest < 2 * kDotRows ? (rest + 1) / 2 : kDotRows;
}

Tensor part(const Tensor& x, int64_t row, int64_t rows, int64_t col, int64_t cols) {
  return x ? x.slice_rows(row, rows).slice_cols(col, cols) : Tensor{};
}

// A range of rows, and all columns of one panel.
struct PanelTask {
  const PanelProduct& product;
  const uint32_t* panel;  // fp32 values or bf16 pairs
  int64_t first, cols;    // columns of the result
  int64_t width;          // of the panel

  PanelTask(const PanelProduct& p, int64_t index) : product(p), width(panel_columns(p.x.dtype)) {
    first = index * width;
    cols = std::min(width, p.out.cols - first);
    const int64_t steps = p.x.dtype == DType::kBF16 ? p.x.cols / 2 : p.x.cols;
    panel = static_cast<const uint32_t*>(p.panels.data) + first * steps;
  }

  const float* bias() const {
    return product.bias ? product.bias.as<float>().data + first : nullptr;
  }
  DotRows left(int64_t row) const {
    const Matrix<BFloat16> x = product.x.as<BFloat16>();
    return {reinterpret_cast<const uint32_t*>(x.row(row)), x.stride / 2, 1};
  }
};

void finish(const PanelTask& task, int64_t row, int64_t rows, const float* sums) {
  const PanelProduct& p = task.product;
  const Finish finish{.bias = task.bias(),
                      .activation = p.activation,
                      .pre = part(p.pre, row, rows, task.first, task.cols),
                      .out = part(p.out, row, rows, task.first, task.cols)};
  HWY_DYNAMIC_DISPATCH(finish_tile)(finish, sums, task.width);
}

void multiply_tile(const PanelTask& task, int64_t row, int64_t rows) {
  const PanelProduct& p = task.product;
  alignas(64) float sums[kDotRows * kDotColumns];
  if (p.x.dtype == DType::kF32) {
    HWY_DYNAMIC_DISPATCH(dot_fp32)
    (p.x.slice_rows(row, rows).as<float>(), reinterpret_cast<const float*>(task.panel), sums);
    return finish(task, row, rows, sums);
  }
  const bool gelu = p.activation == Activation::kGelu;
  DotOut out{.store = DotStore::kSums,
             .rounded = {},
             .pre = {},
             .exact = {sums, rows, kDotColumns, kDotColumns}};
  if (p.out.dtype == DType::kBF16 && (gelu || (p.activation == Activation::kNone && !p.pre))) {
    out = {.store = gelu ? DotStore::kGelu : DotStore::kRound,
           .rounded = part(p.out, row, rows, task.first, task.cols).as<BFloat16>(),
           .pre = part(p.pre, row, rows, task.first, task.cols).as<BFloat16>(),
           .exact = {},
           .bias = task.bias()};
  }
  dot_bf16(task.left(row), rows, task.panel, p.x.cols / 2, out);
  if (out.store == DotStore::kSums) finish(task, row, rows, sums);
}

// Works from both ends to the middle, because the processor prefetches the rows that follow, and
// beyond the ends those belong to another thread, which would have to fetch them back.
void multiply_rows(const PanelTask& task, int64_t begin, int64_t end) {
  const int64_t middle = begin + (end - begin) / 2;
  for (; begin + kDotRows <= middle; begin += kDotRows) multiply_tile(task, begin, kDotRows);
  while (begin < end) {
    const int64_t rows = tile_rows(end - begin);
    end -= rows;
    multiply_tile(task, end, rows);
  }
}

// The number of row blocks: each must be small enough to stay in L2 beside a panel while all panels
// are multiplied. Each thread gets its own rows, because it wrote them, unless they are too few to
// justify reading all panels.
int64_t row_blocks(int64_t rows) {
  constexpr int64_t kMost = 48 * kDotRows, kLeast = 4 * kDotRows;
  const int64_t threads = thread_count(), blocks = blocks_of(rows, kMost);
  return rows < threads * kLeast ? blocks : blocks_of(blocks, threads) * threads;
}

}  // namespace

int64_t panel_bytes(DType format, int64_t depth, int64_t cols) {
  if (format == DType::kBF16 && depth % 2 != 0) return 0;  // a pair would cross into the next row
  const int64_t width = panel_columns(format);
  return blocks_of(cols, width) * width * depth * static_cast<int64_t>(size_of(format));
}

void multiply_panels(const PanelProduct& p) {
  if (p.x.rows == 0) return;
  CHECK(p.x.dtype == DType::kF32 || p.x.stride % 2 == 0);  // rows are read in pairs
  const int64_t panels = blocks_of(p.out.cols, panel_columns(p.x.dtype));
  const int64_t rows_of_task = blocks_of(p.x.rows, row_blocks(p.x.rows));
  parallel_for(blocks_of(p.x.rows, rows_of_task) * panels, 1, [&](int64_t task, int64_t) {
    const PanelTask panel(p, task % panels);
    const int64_t begin = task / panels * rows_of_task;
    multiply_rows(panel, begin, std::min(begin + rows_of_task, p.x.rows));
  });
}

// Packing.

namespace {

// Turns the rows of the weight into columns: reads along a row, one cache line at a time, and
// writes across.
void pack_panel_fp32(const Matrix<float>& weight, int64_t width, float* out) {
  constexpr int64_t kSteps = 16;
  float block[kDotColumns][kSteps] = {};  // columns without a row of the weight stay zero
  for (int64_t step = 0; step < weight.cols; step += kSteps) {
    const int64_t count = std::min(kSteps, weight.cols - step);
    for (int64_t c = 0; c < weight.rows; ++c) {
      std::memcpy(block[c], weight.row(c) + step, static_cast<size_t>(count) * sizeof(float));
    }
    for (int64_t k = 0; k < count; ++k) {
      for (int64_t c = 0; c < width; ++c) *out++ = block[c][k];
    }
  }
}

constexpr int64_t kPairBlock = 8;  // pairs of rows that one packing task reads completely

// Pairs the rows of x along the depth of bf16 panels: [cols / 64][rows / 2][64].
void pack_row_pairs(const Tensor& x, uint32_t* panels) {
  const int64_t pairs = blocks_of(x.rows, 2);
  parallel_for(pairs, kPairBlock, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      for (int64_t first = 0; first < x.cols; first += kDotColumns) {
        uint32_t* out = panels + first * pairs + k * kDotColumns;
        const int64_t cols = std::min(kDotColumns, x.cols - first);
        if (cols < kDotColumns) std::fill_n(out, kDotColumns, 0u);
        pair_rows_bf16(x.slice_cols(first, cols), 2 * k, out);
      }
    }
  });
}

// Pairs the rows of x along the depth of left operands: [cols / 6][rows / 2][6] pairs.
void pack_left(const Tensor& x, uint32_t* groups) {
  constexpr int64_t kCols = 16 * kDotRows;  // a multiple of a vector and of a group
  const int64_t pairs = blocks_of(x.rows, 2);
  parallel_for(pairs, kPairBlock, [&](int64_t begin, int64_t end) {
    uint32_t row[kCols] = {};
    for (int64_t k = begin; k < end; ++k) {
      for (int64_t first = 0; first < x.cols; first += kCols) {
        const int64_t cols = std::min(kCols, x.cols - first);
        pair_rows_bf16(x.slice_cols(first, cols), 2 * k, row);
        for (int64_t c = 0; c < cols; c += kDotRows) {
          std::memcpy(groups + (first + c) * pairs + k * kDotRows, row + c,
                      kDotRows * sizeof(uint32_t));
        }
      }
    }
  });
}

}  // namespace

void pack_forward(const Tensor& weight, DType format, const Tensor& panels) {
  const int64_t width = panel_columns(format);
  parallel_for(weight.rows, width, [&](int64_t begin, int64_t end) {
    const auto rows = weight.slice_rows(begin, end - begin).as<float>();
    if (format == DType::kBF16) {
      pack_panel_bf16(rows, static_cast<uint32_t*>(panels.data) + begin * weight.cols / 2);
    } else {
      pack_panel_fp32(rows, width, static_cast<float*>(panels.data) + begin * weight.cols);
    }
  });
}

void pack_backward(const Tensor& weight, const Tensor& panels) {
  pack_row_pairs(weight, static_cast<uint32_t*>(panels.data));
}

// The gradient of a weight.

namespace {

// The maximum number of rows, and of columns of d_out, packed and multiplied at once; a vocabulary
// has many columns.
constexpr int64_t kGradientRows = 1536, kGradientColumns = 4096;

}  // namespace

size_t WeightGradient::reserve(int64_t cols) {
  const int64_t pairs = kGradientRows / 2;
  const int64_t left = blocks_of(std::min(cols, kGradientColumns), kDotRows) * kDotRows * pairs;
  const int64_t right = blocks_of(cols, kDotColumns) * kDotColumns * pairs;
  left_.take(left);
  right_.take(right);
  return static_cast<size_t>(left + right) * sizeof(uint32_t);
}

void WeightGradient::add(const Tensor& d_out, const Tensor& x, const Tensor& d_weight) {
  reserve(std::max(std::min(d_out.cols, kGradientColumns), x.cols));
  const int64_t parts = std::max<int64_t>(1, blocks_of(x.rows, kGradientRows));
  const int64_t step = blocks_of(blocks_of(x.rows, parts), 2) * 2;
  for (int64_t begin = 0; begin < x.rows; begin += step) {
    const int64_t rows = std::min(step, x.rows - begin);
    add_rows(d_out.slice_rows(begin, rows), x.slice_rows(begin, rows), d_weight);
  }
}

void WeightGradient::add_rows(const Tensor& d_out, const Tensor& x, const Tensor& d_weight) {
  pack_row_pairs(x, reinterpret_cast<uint32_t*>(right_.take(0)));
  for (int64_t begin = 0; begin < d_out.cols; begin += kGradientColumns) {
    const int64_t cols = std::min(kGradientColumns, d_out.cols - begin);
    pack_left(d_out.slice_cols(begin, cols), reinterpret_cast<uint32_t*>(left_.take(0)));
    add_packed(x.rows, d_weight.slice_rows(begin, cols));
  }
}

void WeightGradient::add_packed(int64_t depth, const Tensor& d_weight) {
  constexpr int64_t kGroups = 16;  // per task
  const auto* left = reinterpret_cast<const uint32_t*>(left_.take(0));
  const auto* right = reinterpret_cast<const uint32_t*>(right_.take(0));
  const int64_t pairs = blocks_of(depth, 2);
  const int64_t panels = blocks_of(d_weight.cols, kDotColumns);
  const int64_t groups = blocks_of(d_weight.rows, kDotRows);
  parallel_for(blocks_of(groups, kGroups) * panels, 1, [&](int64_t task, int64_t) {
    const int64_t first = task % panels * kDotColumns;
    const int64_t cols = std::min(kDotColumns, d_weight.cols - first);
    const int64_t last = std::min(groups, (task / panels + 1) * kGroups);
    for (int64_t group = task / panels * kGroups; group < last; ++group) {
      const int64_t row = group * kDotRows;
      const int64_t rows = std::min(kDotRows, d_weight.rows - row);
      dot_bf16({left + row * pairs, 1, kDotRows}, rows, right + first * pairs, pairs,
               {.store = DotStore::kAdd,
                .rounded = {},
                .pre = {},
                .exact = part(d_weight, row, rows, first, cols).as<float>()});
    }
  });
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
