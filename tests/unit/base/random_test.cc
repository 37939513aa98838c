// SPDX-License-Identifier: Apache-2.0
// Random bits are fair and independent of their neighbours, and normal values have the right
// moments.
#include "base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace bertune {
namespace {

// The count of n draws with probability p has the standard deviation sqrt(n p (1 - p)); five of
// them are exceeded less than once in a million.
double five_deviations(double n, double p) { return 5 * std::sqrt(n * p * (1 - p)); }

TEST(RandomBits, EveryBitIsSetHalfOfTheTime) {
  constexpr int kRows = 200, kColumns = 384;
  int counts[16] = {};
  for (uint64_t row = 0; row < kRows; ++row) {
    for (uint32_t column = 0; column < kColumns; ++column) {
      const uint32_t bits = random_bits(fold(7, row), column);
      ASSERT_LT(bits, 65536u);
      for (int bit = 0; bit < 16; ++bit) counts[bit] += (bits >> bit) & 1;
    }
  }
  const double n = kRows * kColumns;
  for (const int count : counts) EXPECT_NEAR(count, n / 2, five_deviations(n, 0.5));
}

TEST(RandomBits, NeighboursAreIndependent) {
  // The rate of equal decisions (p = 0.1) between a column and the next, between the two columns
  // that share a hash, and between a row and the next.
  constexpr int kRows = 400, kColumns = 256;
  const auto dropped = [](uint64_t row, uint32_t column) {
    return random_bits(fold(fold(3, row), 11), column) < 6554;
  };
  int next = 0, sibling = 0, below = 0;
  for (uint64_t row = 0; row < kRows; ++row) {
    for (uint32_t column = 0; column < kColumns; ++column) {
      next += dropped(row, column) && dropped(row, column + 1);
      sibling += dropped(row, column) && dropped(row, column ^ 16);
      below += dropped(row, column) && dropped(row + 1, column);
    }
  }
  const double n = kRows * kColumns;
  for (const int both : {next, sibling, below})
    EXPECT_NEAR(both, n * 0.01, five_deviations(n, 0.01));
}

TEST(RandomBits, DependOnEveryCoordinate) {
  std::set<uint64_t> seen;
  for (uint64_t key = 0; key < 8; ++key) {
    for (uint64_t row = 0; row < 8; ++row) {
      uint64_t pattern = 0;
      for (uint32_t column = 0; column < 4; ++column) {
        pattern = pattern << 16 | random_bits(fold(row, key), column);
      }
      seen.insert(pattern);
    }
  }
  EXPECT_EQ(seen.size(), 64u);
}

TEST(Normal, HasMeanZeroAndDeviationOne) {
  constexpr int kCount = 100000;
  double sum = 0.0, squares = 0.0;
  for (uint64_t i = 0; i < kCount; ++i) {
    const double value = normal(5, i);
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kCount, 0.0, 5 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount, 1.0, 5 * std::sqrt(2.0 / kCount));
}

}  // namespace
}  // namespace bertune
