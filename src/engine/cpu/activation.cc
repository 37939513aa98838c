// SPDX-License-Identifier: Apache-2.0
// The activation and its derivative over blocks of rows. The functions of activation.h, at the end,
// split the rows over threads and dispatch to the instruction set at run time.
#include "engine/cpu/activation.h"

#include <algorithm>

#include "base/parallel.h"
#include "engine/cpu/rows.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/activation.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/activation-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

template <typename Function, typename T, typename Out>
void activate_rows(Matrix<T> pre, Matrix<Out> out) {
  for (int64_t r = 0; r < pre.rows; ++r) {
    for_each_vector(pre.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      store(lanes, Function::value(load(lanes, pre.row(r) + c)), out.row(r) + c);
    });
  }
}

template <typename Function>
void activate_types(const Tensor& pre, const Tensor& out) {
  if (pre.dtype == DType::kBF16 && out.dtype == DType::kBF16) {
    activate_rows<Function>(pre.as<BFloat16>(), out.as<BFloat16>());
  } else if (pre.dtype == DType::kBF16) {
    activate_rows<Function>(pre.as<BFloat16>(), out.as<float>());
  } else {
    activate_rows<Function>(pre.as<float>(), out.as<float>());
  }
}

void activate_block(Activation activation, const Tensor& pre, const Tensor& out) {
  switch (activation) {
    case Activation::kGelu:
      return activate_types<Gelu>(pre, out);
    case Activation::kGeluTanh:
      return activate_types<GeluTanh>(pre, out);
    case Activation::kTanh:
      return activate_types<Tanh>(pre, out);
    case Activation::kRelu:
      return activate_types<Relu>(pre, out);
    case Activation::kSilu:
      return activate_types<Silu>(pre, out);
    case Activation::kQuickGelu:
      return activate_types<QuickGelu>(pre, out);
    case Activation::kMish:
      return activate_types<Mish>(pre, out);
    case Activation::kNone:
      return activate_types<Identity>(pre, out);
  }
}

// partial: [columns rounded up] sums of the rows.
template <typename Function, typename T>
void activate_backward_rows(Matrix<T> pre, Matrix<T> d_out, float* partial) {
  for (int64_t r = 0; r < d_out.rows; ++r) {
    for_each_vector(d_out.cols, [&](int64_t c, auto lanes) HWY_ATTR {
      Vector gradient = load(lanes, d_out.row(r) + c);
      if (pre) {
        gradient = hn::Mul(gradient, Function::derivative(load(lanes, pre.row(r) + c)));
        store(lanes, gradient, d_out.row(r) + c);
      }
      store(hn::Add(load(partial + c), gradient), partial + c);
    });
  }
}

template <typename T>
void activate_backward_type(Activation activation, const Tensor& pre, const Tensor& d_out,
                            float* partial) {
  switch (activation) {
    case Activation::kGelu:
      return activate_backward_rows<Gelu>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kGeluTanh:
      return activate_backward_rows<GeluTanh>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kTanh:
      return activate_backward_rows<Tanh>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kRelu:
      return activate_backward_rows<Relu>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kSilu:
      return activate_backward_rows<Silu>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kQuickGelu:
      return activate_backward_rows<QuickGelu>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kMish:
      return activate_backward_rows<Mish>(pre.as<T>(), d_out.as<T>(), partial);
    case Activation::kNone:
      return activate_backward_rows<Identity>(Matrix<T>{}, d_out.as<T>(), partial);
  }
}

void activate_backward_block(Activation activation, const Tensor& pre, const Tensor& d_out,
                             float* partial) {
  d_out.dtype == DType::kBF16 ? activate_backward_type<BFloat16>(activation, pre, d_out, partial)
                              : activate_backward_type<float>(activation, pre, d_out, partial);
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(activate_block);
HWY_EXPORT(activate_backward_block);

namespace cpu {
namespace {

constexpr int64_t kRowBlock = 64;

Tensor block_of(const Tensor& x, int64_t begin, int64_t end) {
  return x ? x.slice_rows(begin, end - begin) : Tensor{};
}

}  // namespace

void activate(Activation activation, const Tensor& pre, const Tensor& out) {
  parallel_for(pre.rows, kRowBlock, [&](int64_t begin, int64_t end) {
    HWY_DYNAMIC_DISPATCH(activate_block)
    (activation, block_of(pre, begin, end), block_of(out, begin, end));
  });
}

void activate_backward(const LinearBackward& l, Workspace& workspace) {
  const int64_t room = padded(l.d_out.cols);
  const int64_t blocks = (l.d_out.rows + kRowBlock - 1) / kRowBlock;
  float* partial = workspace.partial.take(blocks * room);
  parallel_for(l.d_out.rows, kRowBlock, [&](int64_t begin, int64_t end) {
    float* mine = partial + begin / kRowBlock * room;
    std::fill(mine, mine + room, 0.0f);
    HWY_DYNAMIC_DISPATCH(activate_backward_block)
    (l.activation, block_of(l.pre, begin, end), block_of(l.d_out, begin, end), mine);
  });
  add_rows({partial, blocks, l.d_out.cols, room}, l.d_bias.as<float>().data);
}

void broadcast_bias(const Tensor& bias, const Tensor& out) {
  const auto from = bias.as<float>(), to = out.as<float>();
  parallel_for(to.rows, kRowBlock, [&](int64_t begin, int64_t end) {
    for (int64_t r = begin; r < end; ++r) std::copy_n(from.data, to.cols, to.row(r));
  });
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
