// SPDX-License-Identifier: Apache-2.0
// One pass over the rows of x, whose few products with the weight's rows stay in registers and L1.
#include "engine/cpu/narrow.h"

#include <algorithm>

#include "base/parallel.h"
#include "engine/bfloat16.h"
#include "engine/cpu/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/narrow.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

inline void assign(float value, const Tensor& out, int64_t r, int64_t c) {
  if (out.dtype == DType::kF32) {
    out.as<float>()(r, c) = value;
  } else {
    out.as<BFloat16>()(r, c) = to_bfloat16(value);
  }
}
inline float element(const Tensor& x, int64_t r, int64_t c) {
  return x.dtype == DType::kF32 ? x.as<float>()(r, c) : to_float(x.as<BFloat16>()(r, c));
}

template <typename T>
HWY_INLINE float dot(const T* a, const T* b, int64_t size) {
  Vector sum = zeros();
  for_each_vector(size, [&](int64_t i, auto lanes) HWY_ATTR {
    sum = hn::MulAdd(load(lanes, a + i), load(lanes, b + i), sum);
  });
  return sum_of(sum);
}

template <typename T>
void narrow_rows(const Linear& l, int64_t begin, int64_t end) {
  const auto x = l.x.as<T>(), weight = l.weight.as<T>();
  const auto bias = l.bias.as<float>();
  for (int64_t r = begin; r < end; ++r) {
    for (int64_t o = 0; o < weight.rows; ++o) {
      assign(dot(x.row(r), weight.row(o), x.cols) + bias(0, o), l.out, r, o);
    }
  }
}

void narrow_block(const Linear& l, int64_t begin, int64_t end) {
  l.x.dtype == DType::kBF16 ? narrow_rows<BFloat16>(l, begin, end)
                            : narrow_rows<float>(l, begin, end);
}

// Partial sums over a task's rows.
struct NarrowPartial {
  Matrix<float> d_weight;  // [out, columns rounded up]
  float* d_bias;           // [out]
};

// y += factor * x
template <typename T>
HWY_INLINE void add_scaled(float factor, const T* x, float* y, int64_t size) {
  for_each_vector(size, [&](int64_t i, auto lanes) HWY_ATTR {
    store(hn::MulAdd(broadcast(factor), load(lanes, x + i), load(y + i)), y + i);
  });
}

template <typename T>
void narrow_backward_rows(const LinearBackward& l, const NarrowPartial& partial, int64_t begin,
                          int64_t end) {
  const auto x = l.x.as<T>(), weight = l.weight.as<T>(), d_x = l.d_x.as<T>();
  for (int64_t r = begin; r < end; ++r) {
    float gradient[cpu::kNarrow];
    for (int64_t o = 0; o < weight.rows; ++o) {
      gradient[o] = element(l.d_out, r, o);
      partial.d_bias[o] += gradient[o];
      add_scaled(gradient[o], x.row(r), partial.d_weight.row(o), x.cols);
    }
    if (!d_x) continue;
    for_each_vector(x.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      Vector sum = zeros();
      for (int64_t o = 0; o < weight.rows; ++o) {
        sum = hn::MulAdd(broadcast(gradient[o]), load(lanes, weight.row(o) + c), sum);
      }
      store(lanes, sum, d_x.row(r) + c);
    });
  }
}

// sums: the task's sums for d_weight, [out, columns rounded up], followed by those for d_bias.
void narrow_backward_block(const LinearBackward& l, float* sums, int64_t begin, int64_t end) {
  const int64_t width = padded(l.x.cols);
  const NarrowPartial partial{{sums, l.weight.rows, l.x.cols, width}, sums + l.weight.rows * width};
  l.x.dtype == DType::kBF16 ? narrow_backward_rows<BFloat16>(l, partial, begin, end)
                            : narrow_backward_rows<float>(l, partial, begin, end);
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(narrow_block);
HWY_EXPORT(narrow_backward_block);

namespace cpu {
namespace {

constexpr int64_t kRowBlock = 64;

}  // namespace

void narrow_linear(const Linear& l) {
  CHECK(l.weight.rows <= kNarrow && l.activation == Activation::kNone && !l.pre);
  parallel_for(l.x.rows, kRowBlock, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(narrow_block)(l, begin, end);
  });
}

void narrow_linear_backward(const LinearBackward& l, Workspace& workspace) {
  CHECK(l.weight.rows <= kNarrow && l.activation == Activation::kNone);
  const int64_t out = l.weight.rows, in = l.weight.cols;
  const int64_t blocks = (l.x.rows + kRowBlock - 1) / kRowBlock;
  const int64_t width = padded(in);
  const int64_t room = out * width + kNarrow;  // for the sums of one block
  float* partial = workspace.partial.take(blocks * room);
  parallel_for(l.x.rows, kRowBlock, [&](int64_t begin, int64_t end) {
    float* mine = partial + begin / kRowBlock * room;
    std::fill(mine, mine + room, 0.0f);
    HWY_DYNAMIC_DISPATCH(narrow_backward_block)
    (l, mine, begin, end);
  });
  for (int64_t o = 0; o < out; ++o) {
    add_rows({partial + o * width, blocks, in, room}, l.d_weight.as<float>().row(o));
  }
  add_rows({partial + out * width, blocks, out, room}, l.d_bias.as<float>().data);
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
