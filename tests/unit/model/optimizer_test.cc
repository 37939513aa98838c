// SPDX-License-Identifier: Apache-2.0
#include "model/optimizer.h"

#include <gtest/gtest.h>

namespace bertune {
namespace {

TEST(ScheduledRate, RisesFromZeroAndFallsToZero) {
  const AdamWSettings options{.learning_rate = 1.0, .warmup_ratio = 0.1, .total_steps = 20};
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 0), 0.0);
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 1), 0.5);
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 2), 1.0);
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 11), 0.5);
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 20), 0.0);
}

TEST(ScheduledRate, WarmUpIsCutToWholeSteps) {
  const AdamWSettings options{.learning_rate = 1.0, .warmup_ratio = 0.1, .total_steps = 19};
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 0), 0.0);
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 1), 1.0);
  EXPECT_DOUBLE_EQ(scheduled_rate(options, 10), 0.5);
}

TEST(ScheduledRate, StaysFiniteWithoutAndWithNothingButWarmUp) {
  EXPECT_DOUBLE_EQ(scheduled_rate({.learning_rate = 2.0, .warmup_ratio = 0.0, .total_steps = 4}, 0),
                   2.0);
  EXPECT_DOUBLE_EQ(scheduled_rate({.learning_rate = 2.0, .warmup_ratio = 1.0, .total_steps = 4}, 4),
                   0.0);
}

}  // namespace
}  // namespace bertune
