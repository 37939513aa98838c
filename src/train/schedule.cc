// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.h"

#include <algorithm>

#include "batch/loader.h"

namespace bertune {

std::span<const int32_t> batch_of(const Schedule& schedule, std::span<const int32_t> order,
                                  int64_t step) {
  const int64_t begin = step * schedule.batch_size;
  return order.subspan(begin, std::min(schedule.batch_size, schedule.windows - begin));
}

Capacity largest_part(const WindowSet& set, const Schedule& schedule) {
  Capacity largest;
  for (int64_t epoch = 0; epoch < schedule.epochs; ++epoch) {
    const std::vector<int32_t> order = shuffled_order(schedule.windows, schedule.seed, epoch);
    for (int64_t step = 0; step < schedule.epoch_steps(); ++step) {
      for (const auto part : split_by_budget(set, batch_of(schedule, order, step),
                                             schedule.batch_size, schedule.token_budget)) {
        largest = at_least(largest, {count_tokens(set, part), static_cast<int64_t>(part.size())});
      }
    }
  }
  return largest;
}

}  // namespace bertune
