// SPDX-License-Identifier: Apache-2.0
// Masking: how many tokens, by what, and that only the key, the window and the position decide.
#include "batch/masking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "batch/batch.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

constexpr int32_t kPieces = 1000, kLength = 100;

// Pieces from 5 on are words; the odd ones continue the previous word.
std::vector<std::string> pieces() {
  std::vector<std::string> made{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  while (made.size() < kPieces) {
    const std::string piece = std::to_string(made.size());
    made.push_back(made.size() % 2 == 1 ? "##" + piece : piece);
  }
  return made;
}

WindowSet windows(int32_t count, double probability, bool whole_words) {
  WindowSet set;
  set.special = {.pad = 0, .unk = 1, .cls = 2, .sep = 3, .mask = 4};
  set.predicts_words = true;
  set.masking = make_masking(pieces(), probability, whole_words);
  for (int32_t w = 0; w < count; ++w) {
    std::vector<Token> text;
    for (int32_t i = 0; i < kLength; ++i) text.push_back({6 + (w * 31 + i) % 900, 0, 0});
    text[kLength / 2].id = 1;  // [UNK] is never masked
    set.texts.push_back(text);
    set.windows.push_back({.example = w, .first = w, .first_length = kLength});
  }
  return set;
}

Numbers all_of(const WindowSet& set) {
  Numbers all;
  for (const Window& window : set.windows) all.push_back(window.example);
  return all;
}

TEST(MaskWords, HidesItsShare) {
  WindowSet set = windows(300, 0.15, false);
  Batch batch, plain;
  pack(set, all_of(set), batch, 7);
  set.masking.reset();
  pack(set, all_of(set), plain);

  ASSERT_EQ(batch.masked_rows.size(), batch.targets.size());
  EXPECT_EQ(count_targets(batch), static_cast<int64_t>(batch.targets.size()));
  double masked = 0, kept = 0;
  Numbers restored = batch.ids;
  for (size_t i = 0; i < batch.targets.size(); ++i) {
    const int32_t row = batch.masked_rows[i];
    EXPECT_GT(batch.targets[i], 4);
    masked += batch.ids[row] == set.special.mask;
    kept += batch.ids[row] == batch.targets[i];
    restored[row] = batch.targets[i];
  }
  EXPECT_EQ(restored, plain.ids);
  EXPECT_TRUE(std::is_sorted(batch.masked_rows.begin(), batch.masked_rows.end()));
  const double tokens = 300.0 * (kLength - 1), chosen = static_cast<double>(batch.targets.size());
  EXPECT_NEAR(chosen, 0.15 * tokens, 5 * std::sqrt(0.15 * 0.85 * tokens));
  EXPECT_NEAR(masked, 0.8 * chosen, 5 * std::sqrt(0.8 * 0.2 * chosen));
  EXPECT_NEAR(kept, 0.1 * chosen, 5 * std::sqrt(0.1 * 0.9 * chosen) + 0.01 * chosen);
}

TEST(MaskWords, DependsOnTheKeyAndNotOnThePacking) {
  const WindowSet set = windows(3, 0.15, false);
  Batch together, alone, other;
  pack(set, Numbers{0, 1, 2}, together, 7);
  pack(set, Numbers{2}, alone, 7);
  pack(set, Numbers{2}, other, 8);
  EXPECT_EQ(alone.ids, Numbers(together.ids.end() - (kLength + 2), together.ids.end()));
  EXPECT_NE(alone.masked_rows, other.masked_rows);
}

TEST(MaskWords, HidesWholeWords) {
  const WindowSet set = windows(50, 0.3, true);
  Batch batch, plain;
  pack(set, all_of(set), batch, 7);
  WindowSet unmasked = set;
  unmasked.masking.reset();
  pack(unmasked, all_of(set), plain);
  const auto chosen = [&](int32_t row) {
    return std::binary_search(batch.masked_rows.begin(), batch.masked_rows.end(), row);
  };
  ASSERT_FALSE(batch.masked_rows.empty());
  for (int32_t row = 1; row < batch.rows(); ++row) {
    const bool goes_on = plain.ids[row] > 4 && plain.ids[row] % 2 == 1;
    if (!goes_on || plain.ids[row - 1] <= 4) continue;
    EXPECT_EQ(chosen(row), chosen(row - 1)) << row;
  }
}

}  // namespace
}  // namespace bertune
