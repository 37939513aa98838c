// SPDX-License-Identifier: Apache-2.0
// The largest batch that one pass of a model will see, for which memory is planned.
#pragma once

#include <cstdint>

#include "batch/window.h"

namespace bertune {

struct Capacity {
  int64_t rows = 0;
  int64_t windows = 0;
};

// Enough for every window of `set` alone.
Capacity longest_window(const WindowSet& set);

// Enough for both.
Capacity at_least(const Capacity& a, const Capacity& b);

}  // namespace bertune
