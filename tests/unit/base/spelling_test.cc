// SPDX-License-Identifier: Apache-2.0
// The edit distance and the nearest name.
#include "base/spelling.h"

#include <gtest/gtest.h>

#include <vector>

namespace bertune {
namespace {

TEST(Spelling, DistanceCountsInsertionsDeletionsAndExchanges) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("sitting", "kitten"), 3u);
}

TEST(Spelling, NearestNameIsTheFirstOfTheClosest) {
  const std::vector<std::string> names = {"bert-base", "bert-large", "minilm-l6"};
  EXPECT_EQ(nearest_name("minilm-16", names), "minilm-l6");
  EXPECT_EQ(nearest_name("bert_base", names), "bert-base");
}

}  // namespace
}  // namespace bertune
