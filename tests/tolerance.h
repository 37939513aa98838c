// SPDX-License-Identifier: Apache-2.0
// The permitted difference between a kernel's result and the exact one: a single function of number
// format, reduction length and magnitude, used by every kernel test. Derivation: docs/numerics.md.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/tensor.h"

namespace bertune {

// Half the distance from 1 to the next representable number.
constexpr double unit_roundoff(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return 0x1p-24;
    case DType::kBF16:
      return 0x1p-8;
    case DType::kF64:
      return 0x1p-53;
    default:
      return 0.0;  // integers are exact
  }
}

// The format in which sums of `dtype` are kept.
constexpr DType accumulator(DType dtype) { return dtype == DType::kBF16 ? DType::kF32 : dtype; }

// The number of standard deviations allowed for a rounding error. It also covers the few roundings
// before and after the reduction.
inline constexpr double kConfidence = 4.0;

// A bound on |computed - exact| for results of at most `magnitude`, each of which ends a reduction
// over `reduction_length` terms (1: none) and is rounded to `dtype`.
inline double tolerance(DType dtype, int64_t reduction_length, double magnitude) {
  const double stored = unit_roundoff(dtype);
  const double summed =
      std::sqrt(static_cast<double>(reduction_length)) * unit_roundoff(accumulator(dtype));
  return kConfidence * (stored + summed) * magnitude;
}

}  // namespace bertune
