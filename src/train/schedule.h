// SPDX-License-Identifier: Apache-2.0
// The steps of a training run, known before the first one: the batches, their parts that fit the
// token budget, and the largest part, for which memory is planned.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "batch/window.h"
#include "model/capacity.h"

namespace bertune {

struct Schedule {
  int64_t windows = 0;
  int64_t batch_size = 1;
  int64_t epochs = 1;
  int64_t token_budget = 0;
  uint64_t seed = 0;

  int64_t epoch_steps() const { return (windows + batch_size - 1) / batch_size; }
  int64_t total_steps() const { return epochs * epoch_steps(); }
};

// The windows of step `step` (from 0) in an epoch's order. The last batch may be smaller.
std::span<const int32_t> batch_of(const Schedule& schedule, std::span<const int32_t> order,
                                  int64_t step);

// The largest part of any step of any epoch. The order of an epoch is a function of the seed, so
// this examines exactly the batches that training will use.
Capacity largest_part(const WindowSet& set, const Schedule& schedule);

}  // namespace bertune
