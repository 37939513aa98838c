// SPDX-License-Identifier: Apache-2.0
// The label set of a classifier, given as an option or stored in config.json.
#include "tasks/labels.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace bertune {
namespace {

TEST(Labels, AreParsedAndKept) {
  EXPECT_EQ(parse_labels("no, yes"), (Labels{"no", "yes"}));
  expect_error(ErrorKind::kUsage, {"labels"}, [] { parse_labels("a,b,a"); });
  expect_error(ErrorKind::kUsage, {"labels"}, [] { parse_labels("a,,b"); });
  EXPECT_EQ(labels_of({{0, "b"}, {1, "a"}}), (Labels{"b", "a"}));
  expect_error(ErrorKind::kInput, {"has no label 1"}, [] { labels_of({{0, "a"}, {2, "b"}}); });
}

}  // namespace
}  // namespace bertune
