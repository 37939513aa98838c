// SPDX-License-Identifier: Apache-2.0
// Summary statistics of repeated measurements, such as the times of a benchmark. Works on
// copies of the samples, so it is not for code that runs in every step.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "base/check.h"

namespace bertune {

// The value at quantile `q` (0 to 1) of `values`, by the nearest rank and without interpolation.
inline double quantile(std::vector<double> values, double q) {
  CHECK(!values.empty() && q >= 0.0 && q <= 1.0);
  const auto last = static_cast<double>(values.size() - 1);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(std::lround(q * last));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

inline double median(const std::vector<double>& values) { return quantile(values, 0.5); }

}  // namespace bertune
