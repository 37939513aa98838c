// SPDX-License-Identifier: Apache-2.0
// The order of an epoch and the parts of its batches.
#include "batch/loader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

Numbers ascending(int32_t count) {
  Numbers numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0);
  return numbers;
}

TEST(ShuffledOrder, HoldsEveryIndexOnce) {
  for (const int32_t count : {0, 1, 2, 1000}) {
    Numbers order = shuffled_order(count, 42, 0);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, ascending(count));
  }
}

TEST(ShuffledOrder, DependsOnSeedAndEpochAlone) {
  EXPECT_EQ(shuffled_order(1000, 42, 3), shuffled_order(1000, 42, 3));
  EXPECT_NE(shuffled_order(1000, 42, 3), shuffled_order(1000, 42, 4));
  EXPECT_NE(shuffled_order(1000, 42, 3), shuffled_order(1000, 43, 3));
}

// 24,000 shuffles of 4 windows: each of the 24 orders occurs 1000 times, within five standard
// deviations.
TEST(ShuffledOrder, IsFair) {
  std::vector<int> counts(256);
  for (int64_t epoch = 0; epoch < 24000; ++epoch) {
    const Numbers order = shuffled_order(4, 7, epoch);
    ++counts[order[0] * 64 + order[1] * 16 + order[2] * 4 + order[3]];
  }
  std::erase(counts, 0);
  EXPECT_EQ(counts.size(), 24u);
  for (const int count : counts) EXPECT_NEAR(count, 1000, 155);
}

// Windows of 3, 4, 5, ... tokens.
WindowSet growing_windows(int32_t count) {
  WindowSet set;
  for (int32_t w = 0; w < count; ++w)
    set.windows.push_back({.example = w, .first = 0, .first_length = w + 1});
  return set;
}

std::vector<Numbers> split(const Numbers& order, int64_t max_windows, int64_t token_budget) {
  const WindowSet set = growing_windows(20);
  std::vector<Numbers> parts;
  for (const auto part : split_by_budget(set, order, max_windows, token_budget))
    parts.emplace_back(part.begin(), part.end());
  return parts;
}

TEST(SplitByBudget, KeepsToTheWindows) {
  EXPECT_EQ(split({0, 1, 2, 3, 4}, 2, 1000), (std::vector<Numbers>{{0, 1}, {2, 3}, {4}}));
}

TEST(SplitByBudget, KeepsToTheTokens) {
  // With a budget of 7: 3 + 4 = 7, then 5, then 6.
  EXPECT_EQ(split({0, 1, 2, 3}, 10, 7), (std::vector<Numbers>{{0, 1}, {2}, {3}}));
  EXPECT_EQ(split({3, 0, 0, 0}, 10, 9), (std::vector<Numbers>{{3, 0}, {0, 0}}));
}

TEST(SplitByBudget, MakesALongWindowAPartOfItsOwn) {
  EXPECT_EQ(split({0, 19, 1}, 10, 8), (std::vector<Numbers>{{0}, {19}, {1}}));
}

TEST(SplitByBudget, MakesNoPartOfNothing) { EXPECT_TRUE(split({}, 2, 10).empty()); }

TEST(CountTokens, AddsTheLengths) {
  EXPECT_EQ(count_tokens(growing_windows(5), Numbers{0, 4, 0}), 3 + 7 + 3);
}

}  // namespace
}  // namespace bertune
