// SPDX-License-Identifier: Apache-2.0
// The activations with their derivatives, on vectors. Shared by the activation passes
// and by products with a fused activation. Compiled once per instruction set.

#if defined(BERTUNE_ENGINE_CPU_ACTIVATION_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef BERTUNE_ENGINE_CPU_ACTIVATION_INL_H_
#undef BERTUNE_ENGINE_CPU_ACTIVATION_INL_H_
#else
#define BERTUNE_ENGINE_CPU_ACTIVATION_INL_H_
#endif

#include "engine/cpu/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace bertune {
namespace HWY_NAMESPACE {

// 1 / x with one step of Newton's method, which is cheaper than a division and as accurate.
HWY_INLINE Vector reciprocal(Vector x) {
  const Vector guess = hn::ApproximateReciprocal(x);
  return hn::Mul(guess, hn::NegMulAdd(x, guess, broadcast(2.0f)));
}

// The normal distribution: Phi(x), and the density up to a constant factor, e^(-x^2 / 2).
struct Normal {
  Vector distribution, bell;
};

// Phi(-|x|) = e^(-x^2 / 2) p(t) with t = 1 / (1 + 0.28 |x|), the form of Abramowitz and Stegun,
// 7.1.26. p is the minimax polynomial for an error of x Phi(x) of at most 1.5e-8.
HWY_INLINE Normal normal_distribution(Vector x) {
  const Vector bell = exp(hn::Mul(hn::Mul(x, x), broadcast(-0.5f)));
  const Vector t = reciprocal(hn::MulAdd(hn::Abs(x), broadcast(0.28f), broadcast(1.0f)));
  Vector p = broadcast(-0.10655125409565896f);
  p = hn::MulAdd(p, t, broadcast(0.39295568245660256f));
  p = hn::MulAdd(p, t, broadcast(-0.24207491252952143f));
  p = hn::MulAdd(p, t, broadcast(0.27307301114532306f));
  p = hn::MulAdd(p, t, broadcast(0.06580288425145125f));
  p = hn::MulAdd(p, t, broadcast(0.11679457393762088f));
  const Vector tail = hn::Mul(hn::Mul(p, t), bell);
  const auto negative = hn::Lt(x, zeros());
  return {hn::IfThenElse(negative, tail, hn::Sub(broadcast(1.0f), tail)), bell};
}

struct Gelu {
  HWY_INLINE static Vector value(Vector x) {
    return hn::Mul(x, normal_distribution(x).distribution);
  }
  HWY_INLINE static Vector derivative(Vector x) {
    const Normal normal = normal_distribution(x);
    const Vector density = hn::Mul(normal.bell, broadcast(0.3989422804f));
    return hn::MulAdd(x, density, normal.distribution);
  }
};

// 0.5 (1 + tanh u) = 1 / (1 + e^-2u), u = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluTanh {
  static constexpr float kScale = 1.5957691216f;  // 2 sqrt(2 / pi)
  static constexpr float kCubic = 0.044715f;

  HWY_INLINE static Vector sigmoid(Vector x, Vector square) {
    const Vector inner = hn::MulAdd(square, broadcast(kScale * kCubic), broadcast(kScale));
    const Vector power = exp(hn::Min(broadcast(80.0f), hn::Neg(hn::Mul(x, inner))));
    return hn::Div(broadcast(1.0f), hn::Add(broadcast(1.0f), power));
  }
  HWY_INLINE static Vector value(Vector x) { return hn::Mul(x, sigmoid(x, hn::Mul(x, x))); }
  HWY_INLINE static Vector derivative(Vector x) {
    const Vector square = hn::Mul(x, x);
    const Vector s = sigmoid(x, square);
    const Vector d_inner = hn::MulAdd(square, broadcast(3 * kScale * kCubic), broadcast(kScale));
    const Vector slope = hn::Mul(s, hn::Sub(broadcast(1.0f), s));
    return hn::MulAdd(hn::Mul(x, slope), d_inner, s);
  }
};

// tanh x = 2 / (1 + e^-2x) - 1. The absolute error is about 1e-7, which near 0 exceeds the rounding
// error of x.
struct Tanh {
  HWY_INLINE static Vector value(Vector x) {
    const Vector power = exp(hn::Min(broadcast(80.0f), hn::Mul(x, broadcast(-2.0f))));
    return hn::Sub(hn::Div(broadcast(2.0f), hn::Add(broadcast(1.0f), power)), broadcast(1.0f));
  }
  HWY_INLINE static Vector derivative(Vector x) {
    const Vector y = value(x);
    return hn::NegMulAdd(y, y, broadcast(1.0f));
  }
};

// 0 at 0, like PyTorch's derivative.
struct Relu {
  HWY_INLINE static Vector value(Vector x) { return hn::Max(zeros(), x); }
  HWY_INLINE static Vector derivative(Vector x) {
    return hn::IfThenElse(hn::Gt(x, zeros()), broadcast(1.0f), zeros());
  }
};

HWY_INLINE Vector sigmoid(Vector x) {
  const Vector power = exp(hn::Min(broadcast(80.0f), hn::Neg(x)));
  return hn::Div(broadcast(1.0f), hn::Add(broadcast(1.0f), power));
}

// x sigmoid(k x), k = kThousandths / 1000: a number, because floats are no template arguments here.
template <int kThousandths>
struct Swish {
  static constexpr float kSteepness = static_cast<float>(kThousandths / 1000.0);

  HWY_INLINE static Vector value(Vector x) {
    return hn::Mul(x, sigmoid(hn::Mul(x, broadcast(kSteepness))));
  }
  HWY_INLINE static Vector derivative(Vector x) {
    const Vector inner = hn::Mul(x, broadcast(kSteepness)), s = sigmoid(inner);
    return hn::MulAdd(hn::Mul(inner, s), hn::Sub(broadcast(1.0f), s), s);
  }
};
using Silu = Swish<1000>;
using QuickGelu = Swish<1702>;

// x t with t = tanh(log(1 + e^x)) = n / (n + 2), n = e^x (e^x + 2). 1 - t^2 = 2 (1 + t) / (n + 2),
// which loses no digits where t is near 1. e^20 stands for larger powers, because t is 1 there.
struct Mish {
  struct Parts {
    Vector power, rest, t;  // e^x, n + 2, t
  };
  HWY_INLINE static Parts parts(Vector x) {
    const Vector power = exp(hn::Min(broadcast(20.0f), x));
    const Vector n = hn::Mul(power, hn::Add(power, broadcast(2.0f)));
    const Vector rest = hn::Add(n, broadcast(2.0f));
    return {power, rest, hn::Div(n, rest)};
  }
  HWY_INLINE static Vector value(Vector x) { return hn::Mul(x, parts(x).t); }
  HWY_INLINE static Vector derivative(Vector x) {
    const auto [power, rest, t] = parts(x);
    const Vector slope = hn::Div(hn::MulAdd(t, broadcast(2.0f), broadcast(2.0f)), rest);
    const Vector share = hn::Div(power, hn::Add(power, broadcast(1.0f)));  // sigmoid
    return hn::MulAdd(hn::Mul(x, slope), share, t);
  }
};

struct Identity {
  HWY_INLINE static Vector value(Vector x) { return x; }
  HWY_INLINE static Vector derivative(Vector) { return broadcast(1.0f); }
};

}  // namespace HWY_NAMESPACE
}  // namespace bertune
HWY_AFTER_NAMESPACE();

#endif  // toggled guard
