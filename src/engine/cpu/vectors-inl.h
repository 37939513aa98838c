// SPDX-License-Identifier: Apache-2.0
// Shared by the vector kernels: loads and stores of both activation types, the loop over a row, exp
// and dropout factors. Compiled once per instruction set, hence Highway's toggled guard. Arithmetic
// is in fp32; only loads and stores handle bf16.

#if defined(BERTUNE_ENGINE_CPU_VECTORS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTUNE_ENGINE_CPU_VECTORS_INL_H_
#undef BERTUNE_ENGINE_CPU_VECTORS_INL_H_
#else
#define BERTUNE_ENGINE_CPU_VECTORS_INL_H_
#endif

#include <cmath>
#include <cstdint>
#include <cstring>

#include "base/random.h"
#include "engine/tensor.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Words = hn::RebindToUnsigned<Floats>;
using Integers = hn::RebindToSigned<Floats>;
using Halves = hn::Rebind<uint16_t, Floats>;
using Vector = hn::Vec<Floats>;

inline constexpr int64_t kLanes = HWY_LANES(float);

HWY_INLINE Vector zeros() { return hn::Zero(Floats()); }
HWY_INLINE Vector broadcast(float x) { return hn::Set(Floats(), x); }
HWY_INLINE float sum_of(Vector x) { return hn::GetLane(hn::SumOfLanes(Floats(), x)); }
HWY_INLINE float max_of(Vector x) { return hn::GetLane(hn::MaxOfLanes(Floats(), x)); }

// Loads and stores.

HWY_INLINE Vector load(const float* p) { return hn::LoadU(Floats(), p); }
HWY_INLINE Vector load(const BFloat16* p) {
  const auto bits = hn::LoadU(Halves(), reinterpret_cast<const uint16_t*>(p));
  return hn::BitCast(Floats(), hn::ShiftLeft<16>(hn::PromoteTo(Words(), bits)));
}

HWY_INLINE void store(Vector x, float* p) { hn::StoreU(x, Floats(), p); }
// Rounds to nearest, ties to even. A NaN stays a quiet NaN, because rounding its bits could yield
// infinity.
HWY_INLINE void store(Vector x, BFloat16* p) {
  const Words words;
  const auto bits = hn::BitCast(words, x);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(words, 1));
  const auto rounded = hn::Add(hn::Add(bits, hn::Set(words, 0x7FFF)), odd);
  const auto quiet = hn::Or(bits, hn::Set(words, 0x400000));
  const auto result = hn::IfThenElse(hn::RebindMask(words, hn::IsNaN(x)), quiet, rounded);
  hn::StoreU(hn::TruncateTo(Halves(), hn::ShiftRight<16>(result)), Halves(),
             reinterpret_cast<uint16_t*>(p));
}

// The lanes of a vector that take part: all, known at compile time, or those at the end of a row.
struct Whole {};
struct Part {
  int64_t count;
};

template <typename T>
HWY_INLINE Vector load(Whole, const T* p) {
  return load(p);
}
template <typename T>  // other lanes are 0
HWY_INLINE Vector load(Part part, const T* p) {
  T lanes[kLanes] = {};
  std::memcpy(lanes, p, static_cast<size_t>(part.count) * sizeof(T));
  return load(lanes);
}

template <typename T>
HWY_INLINE void store(Whole, Vector x, T* p) {
  store(x, p);
}
template <typename T>
HWY_INLINE void store(Part part, Vector x, T* p) {
  T lanes[kLanes];
  store(x, lanes);
  std::memcpy(p, lanes, static_cast<size_t>(part.count) * sizeof(T));
}

// x in the lanes that take part, 0 in the others.
HWY_INLINE Vector only(Whole, Vector x) { return x; }
HWY_INLINE Vector only(Part part, Vector x) {
  return hn::IfThenElseZero(hn::FirstN(Floats(), static_cast<size_t>(part.count)), x);
}

// x in the lanes that take part, `others` in the rest.
HWY_INLINE Vector with_others(Whole, Vector x, Vector) { return x; }
HWY_INLINE Vector with_others(Part part, Vector x, Vector others) {
  return hn::IfThenElse(hn::FirstN(Floats(), static_cast<size_t>(part.count)), x, others);
}

// Calls body(column, lanes) for the vectors of a row.
template <typename Body>
HWY_INLINE void for_each_vector(int64_t cols, const Body& body) {
  int64_t c = 0;
  for (; c + kLanes <= cols; c += kLanes) body(c, Whole{});
  if (c < cols) body(c, Part{cols - c});
}

// Exponentials.

inline constexpr float kLog2E = 1.44269504089f, kLn2 = 0.69314718056f;

// 2^x for x up to 127, and at least 2^-126, because less would be denormal. x = n + r, and 2^r by
// the minimax polynomial with an error of 2e-9. The operand order of Max propagates NaN on x86.
HWY_INLINE Vector exp2(Vector x) {
  const Vector round = broadcast(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer
  const Vector clamped = hn::Max(broadcast(-126.0f), x);
  const Vector shifted = hn::Add(clamped, round);
  const Vector r = hn::Sub(clamped, hn::Sub(shifted, round));
  Vector p = broadcast(1.5345788789e-4f);
  p = hn::MulAdd(p, r, broadcast(1.3399957633e-3f));
  p = hn::MulAdd(p, r, broadcast(9.6184892445e-3f));
  p = hn::MulAdd(p, r, broadcast(5.5503287118e-2f));
  p = hn::MulAdd(p, r, broadcast(2.4022646886e-1f));
  p = hn::MulAdd(p, r, broadcast(6.9314720577e-1f));
  p = hn::MulAdd(p, r, broadcast(1.0f));
  const auto exponent = hn::ShiftLeft<23>(hn::BitCast(Integers(), shifted));
  return hn::BitCast(Floats(), hn::Add(hn::BitCast(Integers(), p), exponent));
}

// e^x for x up to 88. The relative error grows with |x| to 5e-6; for negative x, the only case used
// here, the absolute error is below 1e-7.
HWY_INLINE Vector exp(Vector x) { return exp2(hn::Mul(x, broadcast(kLog2E))); }

// Dropout.

// mix32 of base/random.h in every lane; `spread` is the counter times its multiplier.
template <class Bits>
HWY_INLINE Bits mix32(Bits spread, Bits key_low, Bits key_high) {
  const Words words;
  Bits x = hn::Add(spread, key_low);
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<16>(x)), hn::Set(words, 0x7FEB352Du));
  x = hn::Xor(x, key_high);
  x = hn::Mul(hn::Xor(x, hn::ShiftRight<15>(x)), hn::Set(words, 0x846CA68Bu));
  return hn::Xor(x, hn::ShiftRight<16>(x));
}

template <class Bits>
HWY_INLINE Vector dropout_factor(Bits bits, Bits last_dropped, Vector scale) {
  const auto keep = hn::Gt(hn::BitCast(Integers(), bits), hn::BitCast(Integers(), last_dropped));
  return hn::IfThenElseZero(hn::RebindMask(Floats(), keep), scale);
}

// The number of columns that share hashes; a row of factors is written in whole groups.
inline constexpr int64_t kDropoutGroup = 32;

// factors[c] = `scale` if random_bits(row_key, c) >= threshold, else 0, for c < cols rounded up to
// whole groups. `threshold` must not be 0. One hash yields the factors of two columns, 16 apart:
// see random_bits.
HWY_INLINE void dropout_factors(uint64_t row_key, uint32_t threshold, float scale, int64_t cols,
                                float* HWY_RESTRICT factors) {
  const Words words;
  const auto low = hn::Set(words, static_cast<uint32_t>(row_key));
  const auto high = hn::Set(words, static_cast<uint32_t>(row_key >> 32));
  const auto last_dropped = hn::Set(words, threshold - 1);
  const auto half = hn::Set(words, 0xFFFFu);
  const auto step = hn::Set(words, static_cast<uint32_t>(kLanes) * 0x9E3779B9u);
  auto spread = hn::Mul(hn::Iota(words, 0), hn::Set(words, 0x9E3779B9u));
  for (int64_t group = 0; group < cols; group += kDropoutGroup) {
    for (int64_t c = group; c < group + kDropoutGroup / 2; c += kLanes) {
      const auto bits = mix32(spread, low, high);
      spread = hn::Add(spread, step);
      store(dropout_factor(hn::And(bits, half), last_dropped, broadcast(scale)), factors + c);
      store(dropout_factor(hn::ShiftRight<16>(bits), last_dropped, broadcast(scale)),
            factors + c + 16);
    }
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
