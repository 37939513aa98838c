// SPDX-License-Identifier: Apache-2.0
// Quantiles are values of the sample.
#include "base/statistics.h"

#include <gtest/gtest.h>

namespace bertune {
namespace {

TEST(Statistics, QuantilesAreValuesThemselves) {
  const std::vector<double> values = {5, 1, 4, 2, 3};
  EXPECT_EQ(quantile(values, 0.0), 1);
  EXPECT_EQ(median(values), 3);
  EXPECT_EQ(quantile(values, 0.99), 5);
  EXPECT_EQ(median({7}), 7);
}

}  // namespace
}  // namespace bertune
