// SPDX-License-Identifier: Apache-2.0
#include "train/schedule.h"

#include <gtest/gtest.h>

#include "batch/loader.h"

namespace bertune {
namespace {

// Windows of a single text with the given numbers of tokens, including special tokens.
WindowSet windows_of(const std::vector<int32_t>& lengths) {
  WindowSet set;
  for (const int32_t length : lengths) {
    set.windows.push_back({.example = 0, .first = 0, .first_length = length - 2});
  }
  return set;
}

TEST(Schedule, KeepsTheLastShortBatch) {
  const Schedule schedule{.windows = 10, .batch_size = 4, .epochs = 3};
  EXPECT_EQ(schedule.epoch_steps(), 3);
  EXPECT_EQ(schedule.total_steps(), 9);
  const std::vector<int32_t> order = shuffled_order(10, 1, 0);
  EXPECT_EQ(batch_of(schedule, order, 2).size(), 2u);
  EXPECT_EQ(batch_of(schedule, order, 2)[0], order[8]);
}

TEST(LargestPart, IsWhatTheStepsWillSee) {
  const WindowSet set = windows_of({10, 20, 30, 40, 50});
  const Schedule schedule{
      .windows = 5, .batch_size = 2, .epochs = 4, .token_budget = 1000, .seed = 9};
  int64_t rows = 0;
  for (int64_t epoch = 0; epoch < 4; ++epoch) {
    const std::vector<int32_t> order = shuffled_order(5, 9, epoch);
    for (int64_t step = 0; step < 3; ++step) {
      rows = std::max(rows, count_tokens(set, batch_of(schedule, order, step)));
    }
  }
  EXPECT_EQ(largest_part(set, schedule).rows, rows);
  EXPECT_EQ(largest_part(set, schedule).windows, 2);
}

TEST(LargestPart, KeepsToTheTokenBudgetUnlessOneWindowIsLonger) {
  const WindowSet set = windows_of({30, 30, 30, 70});
  Schedule schedule{.windows = 4, .batch_size = 4, .epochs = 1, .token_budget = 60};
  EXPECT_EQ(largest_part(set, schedule).rows, 70);
  schedule.token_budget = 100;
  EXPECT_LE(largest_part(set, schedule).rows, 100);
}

}  // namespace
}  // namespace bertune
