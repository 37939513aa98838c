// SPDX-License-Identifier: Apache-2.0
// These ops are bound by memory, so each tensor is read and written once.
#include "engine/cpu/update.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/update.cc"
#include "hwy/foreach_target.h"
//
#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// AdamW's coefficients as vectors; those common to all elements are computed in double.
struct AdamWFactors {
  Vector gradient_scale, decay;                    // decay: 1 - learning_rate * weight_decay
  Vector beta1, new1, beta2, new2;                 // new: 1 - beta
  Vector step, inverse_root_correction2, epsilon;  // step: learning_rate / bias_correction1

  AdamWFactors(const AdamW& a, double weight_decay)
      : gradient_scale(of(a.gradient_scale)),
        decay(of(1.0 - a.learning_rate * weight_decay)),
        beta1(of(a.beta1)),
        new1(of(1.0 - a.beta1)),
        beta2(of(a.beta2)),
        new2(of(1.0 - a.beta2)),
        step(of(a.learning_rate / a.bias_correction1)),
        inverse_root_correction2(of(1.0 / std::sqrt(a.bias_correction2))),
        epsilon(of(a.epsilon)) {}

 private:
  HWY_INLINE static Vector of(double x) { return broadcast(static_cast<float>(x)); }
};

// weight: the copy that products read, or nullptr.
template <typename T>
void adamw_elements(const AdamW& a, const AdamWSegment& segment, T* weight, int64_t begin,
                    int64_t end) {
  const AdamWFactors f(a, segment.weight_decay);
  const int64_t first = segment.offset + begin;
  const float* gradient = a.gradient.as<float>().data + first;
  float* parameter = a.parameter.as<float>().data + first;
  float* moment1 = a.moment1.as<float>().data + first;
  float* moment2 = a.moment2.as<float>().data + first;
  for_each_vector(end - begin, [&](int64_t i, auto lanes) HWY_ATTR {
    const Vector g = hn::Mul(load(lanes, gradient + i), f.gradient_scale);
    const Vector m = hn::MulAdd(f.beta1, load(lanes, moment1 + i), hn::Mul(f.new1, g));
    const Vector v = hn::MulAdd(f.beta2, load(lanes, moment2 + i), hn::Mul(hn::Mul(f.new2, g), g));
    const Vector root = hn::MulAdd(hn::Sqrt(v), f.inverse_root_correction2, f.epsilon);
    const Vector decayed = hn::Mul(load(lanes, parameter + i), f.decay);
    const Vector p = hn::NegMulAdd(f.step, hn::Div(m, root), decayed);
    store(lanes, m, moment1 + i);
    store(lanes, v, moment2 + i);
    store(lanes, p, parameter + i);
    if (weight) store(lanes, p, weight + begin + i);
  });
}

// Elements `begin` to `end` of the segment.
void adamw_block(const AdamW& a, const AdamWSegment& segment, int64_t begin, int64_t end) {
  const Tensor& weight = segment.weight;
  if (weight && weight.dtype == DType::kBF16) {
    adamw_elements(a, segment, weight.as<BFloat16>().data, begin, end);
  } else {
    adamw_elements(a, segment, weight.as<float>().data, begin, end);
  }
}

// The sum of squares of one block in double. A float vector is summed in two double vectors.
void squares_block(const float* x, int64_t size, double* sum) {
  const hn::Rebind<double, hn::Half<Floats>> doubles;
  const hn::Half<Floats> floats;
  constexpr int64_t kHalf = static_cast<int64_t>(hn::MaxLanes(floats));
  auto sums0 = hn::Zero(doubles), sums1 = hn::Zero(doubles);
  int64_t i = 0;
  for (; i + 2 * kHalf <= size; i += 2 * kHalf) {
    const auto a = hn::PromoteTo(doubles, hn::LoadU(floats, x + i));
    const auto b = hn::PromoteTo(doubles, hn::LoadU(floats, x + i + kHalf));
    sums0 = hn::MulAdd(a, a, sums0);
    sums1 = hn::MulAdd(b, b, sums1);
  }
  double rest = 0.0;
  for (; i < size; ++i) rest += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  *sum = rest + hn::GetLane(hn::SumOfLanes(doubles, hn::Add(sums0, sums1)));
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bertune {

HWY_EXPORT(adamw_block);
HWY_EXPORT(squares_block);

namespace cpu {
namespace {

constexpr int64_t kElementBlock = 1 << 14;
constexpr int64_t kByteBlock = 1 << 18;

void zero_bytes(void* data, size_t bytes) {
  parallel_for(static_cast<int64_t>(bytes), kByteBlock, [&](int64_t begin, int64_t end) {
    std::memset(static_cast<char*>(data) + begin, 0, static_cast<size_t>(end - begin));
  });
}

int64_t element_blocks(int64_t elements) { return (elements + kElementBlock - 1) / kElementBlock; }

// Numbers the blocks of all segments consecutively: the first block of each, then their number.
void number_blocks(std::span<const AdamWSegment> segments, std::vector<int64_t>& first_blocks) {
  first_blocks.assign(1, 0);
  for (const AdamWSegment& segment : segments) {
    first_blocks.push_back(first_blocks.back() + element_blocks(segment.size));
  }
}

}  // namespace

void run(const AdamW& a, Workspace& workspace) {
  std::vector<int64_t>& first = workspace.first_blocks;
  number_blocks(a.segments, first);
  parallel_for(first.back(), 1, [&](int64_t block, int64_t) {
    const auto found = std::upper_bound(first.begin(), first.end(), block) - first.begin() - 1;
    const AdamWSegment& segment = a.segments[found];
    const int64_t begin = (block - first[found]) * kElementBlock;
    const int64_t end = std::min(begin + kElementBlock, segment.size);
    HWY_DYNAMIC_DISPATCH(adamw_block)(a, segment, begin, end);
  });
}

void run(const SquaredNorm& s, Workspace& workspace) {
  const Matrix<float> values = s.x.as<float>();
  const int64_t blocks = element_blocks(values.cols);
  std::vector<double>& sums = workspace.block_sums;
  sums.resize(static_cast<size_t>(values.rows * blocks));
  for (int64_t r = 0; r < values.rows; ++r) {
    parallel_for(values.cols, kElementBlock, [&](int64_t begin, int64_t end) {
      HWY_DYNAMIC_DISPATCH(squares_block)
      (values.row(r) + begin, end - begin, &sums[r * blocks + begin / kElementBlock]);
    });
  }
  double total = 0.0;
  for (const double sum : sums) total += sum;
  s.out.as<double>()(0, 0) = total;
}

void run(const Zero& zero, Workspace&) {
  const Tensor& out = zero.out;
  const size_t element = size_of(out.dtype);
  if (out.is_dense()) return zero_bytes(out.data, static_cast<size_t>(out.size()) * element);
  for (int64_t r = 0; r < out.rows; ++r) {
    zero_bytes(out.slice_rows(r, 1).data, static_cast<size_t>(out.cols) * element);
  }
}

void copy_bytes(const void* from, void* to, size_t bytes) {
  parallel_for(static_cast<int64_t>(bytes), kByteBlock, [&](int64_t begin, int64_t end) {
    std::memcpy(static_cast<char*>(to) + begin, static_cast<const char*>(from) + begin,
                static_cast<size_t>(end - begin));
  });
}

}  // namespace cpu
}  // namespace bertune
#endif  // HWY_ONCE
