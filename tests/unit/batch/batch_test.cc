// SPDX-License-Identifier: Apache-2.0
// Windows are packed into rows without padding.
#include "batch/batch.h"

#include <gtest/gtest.h>

#include "bertune/error.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

std::vector<Token> tokens(std::initializer_list<int32_t> ids) {
  std::vector<Token> made;
  for (const int32_t id : ids) made.push_back({id, 0, 0});
  return made;
}

// A single text and two pairs, of 4, 7 and 5 tokens.
WindowSet three_windows() {
  WindowSet set;
  set.special = {.pad = 0, .unk = 1, .cls = 101, .sep = 102, .mask = 103};
  set.texts = {tokens({11, 12}), tokens({21, 22, 23, 24})};
  const Window single{.example = 0, .first = 0, .first_length = 2};
  const Window pair{
      .example = 1, .first = 0, .first_length = 2, .second = 1, .second_begin = 2, .second_end = 4};
  const Window cut{
      .example = 2, .first = 0, .first_length = 1, .second = 1, .second_begin = 0, .second_end = 1};
  set.windows = {single, pair, cut};
  return set;
}

TEST(Pack, PutsWindowsBehindEachOther) {
  const WindowSet set = three_windows();
  Batch batch;
  pack(set, Numbers{1, 0, 2}, batch);
  EXPECT_EQ(batch.windows, (Numbers{1, 0, 2}));
  EXPECT_EQ(batch.offsets, (Numbers{0, 7, 11, 16}));
  EXPECT_EQ(batch.ids, (Numbers{101, 11, 12, 102, 23, 24, 102,  //
                                101, 11, 12, 102,               //
                                101, 11, 102, 21, 102}));
  EXPECT_EQ(batch.types, (Numbers{0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(batch.positions, (Numbers{0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 0, 1, 2, 3, 4}));
  EXPECT_EQ(batch.max_length, 7);
  EXPECT_EQ(batch.size(), 3);
  EXPECT_EQ(batch.rows(), 16);
  EXPECT_TRUE(batch.targets.empty());
}

TEST(Pack, TakesTheTargetsAlong) {
  WindowSet set = three_windows();
  set.targets_per_window = 2;
  set.targets = {0, 1, 10, 11, 20, 21};
  Batch batch;
  pack(set, Numbers{2, 0}, batch);
  EXPECT_EQ(batch.targets, (Numbers{20, 21, 0, 1}));
}

TEST(Pack, TakesNumbersAlong) {
  WindowSet set = three_windows();
  set.target_values = {0.5f, -1.0f, 4.25f};
  Batch batch;
  pack(set, Numbers{2, 0}, batch);
  EXPECT_EQ(batch.target_values, (std::vector<float>{4.25f, 0.5f}));
  EXPECT_TRUE(batch.targets.empty());
  EXPECT_EQ(count_targets(batch), 2);
}

TEST(Pack, TakesSeveralNumbersOfAWindowAlong) {
  WindowSet set = three_windows();
  set.target_values = {0, 1, 1, 1, 0, 0};
  EXPECT_EQ(set.values_per_window(), 2u);
  Batch batch;
  pack(set, Numbers{2, 0}, batch);
  EXPECT_EQ(batch.target_values, (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(count_targets(batch), 4);
}

TEST(Pack, TakesTheTargetsOfTokensAlong) {
  WindowSet set = three_windows();
  const int32_t none = kIgnoredTarget;
  set.token_targets = {
      {none, 1, 2, none}, {none, 3, none, none, 4, 5, none}, {none, 0, none, 6, none}};
  Batch batch;
  pack(set, Numbers{2, 0}, batch);
  EXPECT_EQ(batch.targets, (Numbers{none, 0, none, 6, none, none, 1, 2, none}));
  EXPECT_TRUE(batch.masked_rows.empty());
  EXPECT_EQ(count_targets(batch), 4);
}

TEST(Pack, FindsTheRowsOfWordsThatArePredicted) {
  WindowSet set = three_windows();
  set.predicts_words = true;
  set.texts[0][1].id = set.special.mask;
  Batch batch;
  pack(set, Numbers{2, 0}, batch);
  EXPECT_EQ(batch.masked_rows, (Numbers{7}));  // second token of the first text; [2] has only one
  EXPECT_TRUE(batch.targets.empty());

  const int32_t none = kIgnoredTarget;
  set.token_targets = {
      {none, 1, 2, none}, {none, 3, none, none, 4, 5, none}, {none, 0, none, 6, none}};
  pack(set, Numbers{2, 0}, batch);
  EXPECT_EQ(batch.masked_rows, (Numbers{1, 3, 6, 7}));
  EXPECT_EQ(batch.targets, (Numbers{0, 6, 1, 2}));
}

TEST(Pack, LeavesNothingOfTheBatchBefore) {
  WindowSet set = three_windows();
  set.targets_per_window = 1;
  set.targets = {5, 6, 7};
  Batch used, fresh;
  pack(set, Numbers{0, 1, 2}, used);
  pack(set, Numbers{2}, used);
  pack(set, Numbers{2}, fresh);
  EXPECT_EQ(used.windows, fresh.windows);
  EXPECT_EQ(used.offsets, fresh.offsets);
  EXPECT_EQ(used.ids, fresh.ids);
  EXPECT_EQ(used.types, fresh.types);
  EXPECT_EQ(used.positions, fresh.positions);
  EXPECT_EQ(used.targets, fresh.targets);
  EXPECT_EQ(used.max_length, fresh.max_length);
}

TEST(Pack, TakesWindowsOfSeveralSets) {
  WindowSet a = three_windows(), b = three_windows();
  b.texts[0][0].id = 91;
  a.targets_per_window = b.targets_per_window = 1;
  a.targets = {1, 2, 3};
  b.targets = {4, 5, 6};
  Batch batch;
  pack(std::vector<WindowRef>{{&b, 0}, {&a, 2}, {&b, 2}}, batch);
  EXPECT_EQ(batch.windows, (Numbers{0, 2, 2}));
  EXPECT_EQ(batch.offsets, (Numbers{0, 4, 9, 14}));
  EXPECT_EQ(batch.ids, (Numbers{101, 91, 12, 102,       //
                                101, 11, 102, 21, 102,  //
                                101, 91, 102, 21, 102}));
  EXPECT_EQ(batch.types, (Numbers{0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1}));
  EXPECT_EQ(batch.targets, (Numbers{4, 3, 6}));
}

TEST(Pack, FindsTheMaskedRowsOfSeveralSets) {
  WindowSet a = three_windows(), b = three_windows();
  a.predicts_words = b.predicts_words = true;
  b.texts[0][1].id = b.special.mask;
  Batch batch;
  pack(std::vector<WindowRef>{{&a, 0}, {&b, 0}, {&b, 0}}, batch);
  EXPECT_EQ(batch.masked_rows, (Numbers{6, 10}));
}

TEST(Pack, RefusesSetsThatDisagree) {
  const WindowSet plain = three_windows();
  const auto refuses = [&](const WindowSet& other) {
    Batch batch;
    EXPECT_THROW(pack(std::vector<WindowRef>{{&plain, 0}, {&other, 0}}, batch), Error);
  };
  WindowSet other = plain;
  other.special.cls = 7;
  refuses(other);
  other = plain;
  other.target_values = {1.0f, 2.0f, 3.0f};
  refuses(other);
  other = plain;
  other.predicts_words = true;
  refuses(other);
  other = plain;
  other.masking = Masking{.vocabulary = 200};
  refuses(other);
}

TEST(Pack, MakesAnEmptyBatchOfNothing) {
  Batch batch;
  pack(three_windows(), Numbers{}, batch);
  EXPECT_EQ(batch.size(), 0);
  EXPECT_EQ(batch.rows(), 0);
  EXPECT_EQ(batch.offsets, (Numbers{0}));
}

}  // namespace
}  // namespace bertune
