// SPDX-License-Identifier: Apache-2.0
// The size of the largest batch that a pass of a model will receive, for which memory is planned.
#pragma once

#include <cstdint>

#include "batch/window.h"

namespace bertune {

struct Capacity {
  int64_t rows = 0;
  int64_t windows = 0;
};

// The capacity for any single window of `set`.
Capacity longest_window(const WindowSet& set);

// The smallest capacity that covers both.
Capacity at_least(const Capacity& a, const Capacity& b);

}  // namespace bertune
