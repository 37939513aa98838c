// SPDX-License-Identifier: Apache-2.0
// A dual number: a value and its derivative along one direction (forward-mode differentiation;
// Griewank and Walther: Evaluating Derivatives, chapter 3). In the forward pass of an op it yields
// the directional derivative against which the backward pass is checked.
#pragma once

#include <cmath>
#include <numbers>

#include "engine/tensor.h"

namespace bertune {

struct Dual {
  double value = 0.0;
  double tangent = 0.0;

  Dual() = default;
  explicit Dual(double constant) : value(constant) {}
  Dual(double v, double t) : value(v), tangent(t) {}
};

inline Dual operator+(Dual a, Dual b) { return {a.value + b.value, a.tangent + b.tangent}; }
inline Dual operator-(Dual a, Dual b) { return {a.value - b.value, a.tangent - b.tangent}; }
inline Dual operator*(Dual a, Dual b) {
  return {a.value * b.value, a.tangent * b.value + a.value * b.tangent};
}
inline Dual operator/(Dual a, Dual b) {
  const double quotient = a.value / b.value;
  return {quotient, (a.tangent - quotient * b.tangent) / b.value};
}
inline Dual& operator+=(Dual& a, Dual b) { return a = a + b; }
inline bool operator<(Dual a, Dual b) { return a.value < b.value; }

inline Dual exp(Dual x) {
  const double value = std::exp(x.value);
  return {value, value * x.tangent};
}
inline Dual log(Dual x) { return {std::log(x.value), x.tangent / x.value}; }
inline Dual sqrt(Dual x) {
  const double value = std::sqrt(x.value);
  return {value, x.tangent / (2.0 * value)};
}
inline Dual erf(Dual x) {
  const double derivative = 2.0 * std::numbers::inv_sqrtpi * std::exp(-x.value * x.value);
  return {std::erf(x.value), derivative * x.tangent};
}
inline Dual tanh(Dual x) {
  const double value = std::tanh(x.value);
  return {value, (1.0 - value * value) * x.tangent};
}

// The contract has no type for dual numbers. They pass through the reference as wide doubles, which
// works because it accesses tensors by element and never by byte.
template <>
constexpr DType dtype_of<Dual>() {
  return DType::kF64;
}

}  // namespace bertune
