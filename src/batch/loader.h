// SPDX-License-Identifier: Apache-2.0
// The order of windows: the shuffle of an epoch, and the cut of a batch into parts that fit the
// token budget. Packing a part is batch.h's job.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "batch/window.h"

namespace bertune {

// 0 .. count - 1, shuffled as a function of (seed, epoch) only.
std::vector<int32_t> shuffled_order(int64_t count, uint64_t seed, int64_t epoch);

// Cuts `order` into consecutive parts of at most `max_windows` windows and at most `token_budget`
// tokens; a window longer than the budget is a part of its own. The parts are views into `order`.
std::vector<std::span<const int32_t>> split_by_budget(const WindowSet& set,
                                                      std::span<const int32_t> order,
                                                      int64_t max_windows, int64_t token_budget);

int64_t count_tokens(const WindowSet& set, std::span<const int32_t> indices);

}  // namespace bertune
