// SPDX-License-Identifier: Apache-2.0
#include "model/capacity.h"

#include <algorithm>

namespace bertune {

Capacity longest_window(const WindowSet& set) {
  Capacity longest{0, 1};
  for (const Window& window : set.windows) {
    longest.rows = std::max<int64_t>(longest.rows, window.length());
  }
  return longest;
}

Capacity at_least(const Capacity& a, const Capacity& b) {
  return {std::max(a.rows, b.rows), std::max(a.windows, b.windows)};
}

}  // namespace bertune
