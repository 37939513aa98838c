// SPDX-License-Identifier: Apache-2.0
// Conversion between code-point and byte offsets, in both directions.
#include "text/code_point_index.h"

#include <gtest/gtest.h>

#include <string>

#include "text/utf8.h"

namespace bertune {
namespace {

TEST(CodePointIndex, IsTheIdentityOnAscii) {
  const CodePointIndex index("plain");
  EXPECT_EQ(index.size(), 5);
  for (int64_t i = 0; i <= 5; ++i) {
    EXPECT_EQ(index.byte_of(i), static_cast<size_t>(i));
    EXPECT_EQ(index.code_point_of(i), i);
  }
}

TEST(CodePointIndex, AgreesWithPlainWalksBothWays) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += i % 3 == 0 ? "aé" : i % 3 == 1 ? "中b" : "\U0001f600";
  const CodePointIndex index(text);
  EXPECT_EQ(index.size(), count_code_points(text));
  for (int64_t i = 0; i <= index.size(); ++i) {
    const size_t byte = byte_of_code_point(text, i);
    EXPECT_EQ(index.byte_of(i), byte);
    EXPECT_EQ(index.code_point_of(byte), i);
  }
}

TEST(CodePointIndex, WorksForAnEmptyText) {
  const CodePointIndex index;
  EXPECT_EQ(index.size(), 0);
  EXPECT_EQ(index.byte_of(0), 0u);
  EXPECT_EQ(index.code_point_of(0), 0);
}

}  // namespace
}  // namespace bertune
