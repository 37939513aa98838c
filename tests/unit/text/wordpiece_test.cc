// SPDX-License-Identifier: Apache-2.0
// The trie finds the same pieces as a plain search over the vocabulary.
#include "text/wordpiece.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"

namespace bertune {
namespace {

using Pieces = std::vector<std::string>;

std::vector<Token> cut(const Pieces& vocabulary, std::string_view word) {
  const auto same = [](size_t begin, size_t end) {
    return ByteRange{static_cast<uint32_t>(begin), static_cast<uint32_t>(end)};
  };
  std::vector<Token> tokens;
  WordPiece(vocabulary, 0).append(word, same, tokens);
  return tokens;
}

TEST(WordPiece, TakesTheLongestPieceFromTheLeft) {
  const Pieces vocabulary{"[UNK]", "un", "##aff", "##able", "a", "##ffable", "unaff"};
  EXPECT_EQ(cut(vocabulary, "unaffable"), (std::vector<Token>{{6, 0, 5}, {3, 5, 9}}));
  EXPECT_EQ(cut(vocabulary, "un"), (std::vector<Token>{{1, 0, 2}}));
}

TEST(WordPiece, AWordThatDoesNotFitIsUnknownAsAWhole) {
  const Pieces vocabulary{"[UNK]", "ab", "##c"};
  EXPECT_EQ(cut(vocabulary, "abcd"), (std::vector<Token>{{0, 0, 4}}));
  EXPECT_EQ(cut(vocabulary, "x"), (std::vector<Token>{{0, 0, 1}}));
  EXPECT_EQ(cut(vocabulary, "c"), (std::vector<Token>{{0, 0, 1}})) << "##c continues only";
}

TEST(WordPiece, WorksWithoutContinuations) {
  EXPECT_EQ(cut({"[UNK]", "a"}, "aa"), (std::vector<Token>{{0, 0, 2}}));
}

TEST(WordPiece, OfEqualPiecesTheLastCounts) {
  EXPECT_EQ(cut({"[UNK]", "a", "b", "a"}, "a"), (std::vector<Token>{{3, 0, 1}}));
}

TEST(WordPiece, EmptyPiecesNeverMatch) {
  EXPECT_EQ(cut({"[UNK]", "", "##", "a"}, "ab"), (std::vector<Token>{{0, 0, 2}}));
  EXPECT_TRUE(cut({"[UNK]"}, "").empty());
}

// The definition, computed without a trie.
PieceTrie::Match longest_by_search(const Pieces& pieces, std::string_view text) {
  PieceTrie::Match match{kNoPiece, 0};
  for (uint32_t id = 0; id < pieces.size(); ++id) {
    if (text.starts_with(pieces[id]) && pieces[id].size() >= match.bytes && !pieces[id].empty()) {
      match = {id, static_cast<uint32_t>(pieces[id].size())};
    }
  }
  return match;
}

std::string random_string(uint64_t key, uint64_t letters, uint64_t max_length) {
  std::string string(mix64(key) % (max_length + 1), ' ');
  for (size_t i = 0; i < string.size(); ++i) {
    string[i] = static_cast<char>(255 - fold(key, i) % letters);
  }
  return string;
}

TEST(WordPiece, TrieEqualsSearchOnRandomVocabularies) {
  for (uint64_t round = 0; round < 40; ++round) {
    const uint64_t letters = round % 2 ? 3 : 200;
    Pieces pieces;
    for (uint64_t i = 0; i < 500; ++i) {
      pieces.push_back(random_string(fold(round, i), letters, 1 + round % 7));
    }
    const PieceTrie trie(pieces);
    for (uint64_t i = 0; i < 500; ++i) {
      const std::string text = random_string(fold(round + 1000, i), letters, 8);
      const auto expected = longest_by_search(pieces, text);
      const auto match = trie.longest(PieceTrie::kRoot, text);
      ASSERT_EQ(match.id, expected.id);
      ASSERT_EQ(match.bytes, expected.bytes);
    }
  }
}

}  // namespace
}  // namespace bertune
