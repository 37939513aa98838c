// SPDX-License-Identifier: Apache-2.0
// How a long second text is split into windows.
#include "batch/window.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "expect_error.h"

namespace bertune {
namespace {

using Ranges = std::vector<std::pair<int32_t, int32_t>>;

// The parts of a second text of `length` tokens after a first text of 4 in windows of 17 tokens,
// that is, with room for 10.
Ranges cut(int32_t length, int32_t doc_stride) {
  std::vector<Window> windows;
  append_windows(7, 1, 4, 2, length, {.max_seq_length = 17, .doc_stride = doc_stride}, windows);
  Ranges ranges;
  for (const Window& window : windows) {
    EXPECT_EQ(window.example, 7);
    EXPECT_EQ(window.first, 1);
    EXPECT_EQ(window.first_length, 4);
    EXPECT_EQ(window.second, 2);
    EXPECT_LE(window.length(), 17);
    ranges.emplace_back(window.second_begin, window.second_end);
  }
  return ranges;
}

TEST(AppendWindows, KeepsWhatFitsInOne) {
  EXPECT_EQ(cut(9, 3), (Ranges{{0, 9}}));
  EXPECT_EQ(cut(10, 3), (Ranges{{0, 10}}));
}

TEST(AppendWindows, OverlapsAndEndsWithAShorterWindow) {
  EXPECT_EQ(cut(11, 3), (Ranges{{0, 10}, {7, 11}}));
  EXPECT_EQ(cut(17, 3), (Ranges{{0, 10}, {7, 17}}));
  EXPECT_EQ(cut(18, 3), (Ranges{{0, 10}, {7, 17}, {14, 18}}));
}

TEST(AppendWindows, MayNotOverlapAtAll) { EXPECT_EQ(cut(12, 0), (Ranges{{0, 10}, {10, 12}})); }

TEST(AppendWindows, MayStepByOneToken) {
  EXPECT_EQ(cut(12, 9), (Ranges{{0, 10}, {1, 11}, {2, 12}}));
}

TEST(AppendWindows, MakesOneWindowOfAnEmptyText) { EXPECT_EQ(cut(0, 3), (Ranges{{0, 0}})); }

TEST(AppendWindows, AppendsBehindWhatIsThere) {
  std::vector<Window> windows(2);
  append_windows(0, 0, 1, 1, 5, {.max_seq_length = 20, .doc_stride = 2}, windows);
  EXPECT_EQ(windows.size(), 3u);
}

TEST(AppendWindows, RefusesAnOverlapThatIsNotBelowTheRoom) {
  expect_error(ErrorKind::kUsage, {"17 tokens", "overlap by 10", "10 are left"},
               [] { cut(3, 10); });
  expect_error(ErrorKind::kUsage, {"overlap by -1"}, [] { cut(3, -1); });
  std::vector<Window> windows;
  expect_error(ErrorKind::kUsage, {"0 are left"}, [&] {
    append_windows(0, 0, 30, 1, 5, {.max_seq_length = 20, .doc_stride = 0}, windows);
  });
  EXPECT_TRUE(windows.empty());
}

TEST(Window, CountsItsSpecialTokens) {
  const Window single{.example = 0, .first = 0, .first_length = 5};
  EXPECT_FALSE(single.is_pair());
  EXPECT_EQ(single.length(), 7);
  const Window pair{
      .example = 0, .first = 0, .first_length = 5, .second = 1, .second_begin = 2, .second_end = 6};
  EXPECT_EQ(pair.length(), 12);
  EXPECT_EQ(pair.second_offset(), 7);
}

}  // namespace
}  // namespace bertune
