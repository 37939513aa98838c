// SPDX-License-Identifier: Apache-2.0
// Parallel loops cover every index once, in blocks independent of the thread count, and rethrow the
// exception of a block.
#include "base/parallel.h"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace bertune {
namespace {

TEST(ParallelFor, CoversEveryIndexOnceInBlocksThatThreadsDoNotChange) {
  for (const int threads : {1, 2, 3}) {
    const WithThreads with(threads);
    std::vector<std::atomic<int>> seen(103);
    parallel_for(103, 10, [&](int64_t begin, int64_t end) {
      EXPECT_EQ(begin % 10, 0);
      EXPECT_LE(end - begin, 10);
      for (int64_t i = begin; i < end; ++i) ++seen[i];
    });
    for (const auto& count : seen) EXPECT_EQ(count, 1);
  }
}

TEST(ParallelFor, TakesMoreThreadsThanItDealsSharesTo) {
  const WithThreads with(70);
  std::atomic<int64_t> sum = 0;
  parallel_for(1000, 1, [&](int64_t begin, int64_t) { sum += begin; });
  EXPECT_EQ(sum, 999 * 1000 / 2);
}

TEST(BlockShare, GivesBlocksFromBothEndsToTheMiddle) {
  BlockShare share;
  share.assign(10, 15);
  std::vector<int64_t> taken(7);
  for (int64_t& block : taken) block = share.take();
  EXPECT_EQ(taken, (std::vector<int64_t>{10, 11, 14, 13, 12, -1, -1}));
}

TEST(ParallelFor, RethrowsTheFailureOfABlock) {
  EXPECT_THROW(parallel_for(100, 1,
                            [](int64_t begin, int64_t) {
                              if (begin == 50) throw std::runtime_error("block");
                            }),
               std::runtime_error);
}

TEST(ParallelFor, DoesNothingForNothing) {
  parallel_for(0, 10, [](int64_t, int64_t) { FAIL(); });
}

}  // namespace
}  // namespace bertune
