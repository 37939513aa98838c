// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <cmath>
#include <numbers>

namespace bertune {

double normal(uint64_t key, uint64_t counter) {
  const double u = 1.0 - uniform(key, 2 * counter);  // in (0, 1], so that the logarithm is finite
  const double v = uniform(key, 2 * counter + 1);
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

}  // namespace bertune
