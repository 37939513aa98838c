// SPDX-License-Identifier: Apache-2.0
// How far a kernel may be from the exact result: one function of number format, length of the
// reduction and size of the results, that every kernel test uses. Derivation: docs/numerics.md.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/tensor.h"

namespace bertune {

// Half the distance from 1 to the next number.
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

// The format that sums of `dtype` are kept in.
constexpr DType accumulator(DType dtype) { return dtype == DType::kBF16 ? DType::kF32 : dtype; }

// Standard deviations that a rounding error may be away from zero; also the room for the few
// roundings before and after the reduction.
inline constexpr double kConfidence = 4.0;

// A bound on |computed - exact| for results of at most `magnitude`, each the end of a reduction
// over `reduction_length` terms (1: none), rounded to `dtype`.
inline double tolerance(DType dtype, int64_t reduction_length, double magnitude) {
  const double stored = unit_roundoff(dtype);
  const double summed =
      std::sqrt(static_cast<double>(reduction_length)) * unit_roundoff(accumulator(dtype));
  return kConfidence * (stored + summed) * magnitude;
}

}  // namespace bertune
