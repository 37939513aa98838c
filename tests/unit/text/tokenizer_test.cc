// SPDX-License-Identifier: Apache-2.0
// The Tokenizer as its users see it: the examples of docs/tokenizer.md, threads, limits.
#include "bertune/tokenizer.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/random.h"
#include "bertune/error.h"
#include "text/encode.h"
#include "text/utf8.h"

namespace bertune {
namespace {

using Strings = std::vector<std::string>;
using Ranges = std::vector<CodePointRange>;

const Tokenizer& uncased() {
  static const Tokenizer tokenizer = Tokenizer::load(BERTUNE_TEST_DATA "/text/uncased");
  return tokenizer;
}

struct Cut {
  Strings pieces;
  Ranges offsets;
};

Cut cut(const std::string& text) {
  std::vector<Token> tokens;
  uncased().tokenize(text, tokens);
  Cut result{{}, code_point_ranges(text, tokens)};
  for (const Token& token : tokens) {
    result.pieces.push_back(uncased().vocabulary()[static_cast<size_t>(token.id)]);
  }
  return result;
}

void expect(const std::string& text, const Strings& pieces, const Ranges& offsets) {
  const Cut got = cut(text);
  EXPECT_EQ(got.pieces, pieces) << text;
  EXPECT_EQ(got.offsets, offsets) << text;
}

TEST(Tokenizer, KeepsTheRangeOfEachPiece) {
  expect("Hello, World!", {"hello", ",", "world", "!"}, {{0, 5}, {5, 6}, {7, 12}, {12, 13}});
  expect("x[MASK]y", {"x", "[MASK]", "y"}, {{0, 1}, {1, 7}, {7, 8}});
  expect("cafe\u0301", {"cafe"}, {{0, 4}});
  expect("\u0130stanbul", {"istanbul"}, {{0, 8}});
  expect("\uFB01sh", {"\uFB01", "##sh"}, {{0, 1}, {1, 3}});
  expect("ab\u200Bcd", {"abc", "##d"}, {{0, 4}, {4, 5}});
  expect("[mask]", {"[", "mask", "]"}, {{0, 1}, {1, 5}, {5, 6}});
  expect("", {}, {});
  expect(" \t\n", {}, {});
}

TEST(Tokenizer, RangesAreBytesAndTokensAreAppended) {
  std::vector<Token> tokens{{7, 8, 9}};
  uncased().tokenize("\u00e9 \u4e2d!", tokens);
  ASSERT_EQ(tokens.size(), 4u);
  EXPECT_EQ(tokens[0], (Token{7, 8, 9}));
  EXPECT_EQ(tokens[1].begin, 0u);
  EXPECT_EQ(tokens[1].end, 2u);
  EXPECT_EQ(tokens[2].begin, 3u);
  EXPECT_EQ(tokens[2].end, 6u);
}

TEST(Tokenizer, WordsBeyondAHundredCodePointsAreUnknown) {
  for (const std::string letter : {"a", "\u00e9", "e\u0301"}) {
    std::string word;
    for (int i = 0; i < 100; ++i) word += letter;
    EXPECT_NE(cut(word).pieces, Strings{"[UNK]"}) << letter;
    EXPECT_EQ(cut(word + letter).pieces, Strings{"[UNK]"}) << letter;
  }
}

TEST(Tokenizer, KnowsItsSpecialTokens) {
  const SpecialTokens& special = uncased().special();
  EXPECT_EQ(special.pad, 0);
  EXPECT_EQ(special.unk, 100);
  EXPECT_EQ(special.cls, 101);
  EXPECT_EQ(special.sep, 102);
  EXPECT_EQ(special.mask, 103);
  EXPECT_EQ(uncased().normalization(), (Normalization{true, true, true}));
}

TEST(Tokenizer, RefusesAVocabularyWithoutASpecialToken) {
  try {
    Tokenizer({"[PAD]", "[CLS]", "[SEP]", "[MASK]", "a"}, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    EXPECT_EQ(error.message(), "a vocabulary of 5 pieces has no [UNK]");
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(Tokenizer, GivesTheSameFromSeveralThreads) {
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "Ünïcode text\u0301 中文 [MASK] a\u302e\u0323 unaffable! ";
  std::vector<Token> expected;
  uncased().tokenize(text, expected);
  std::vector<std::vector<Token>> got(4);
  std::vector<std::thread> threads;
  for (auto& tokens : got) {
    threads.emplace_back([&] { uncased().tokenize(text, tokens); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& tokens : got) EXPECT_EQ(tokens, expected);
}

// Callers promise valid UTF-8; invalid bytes may give odd tokens but must do no harm.
TEST(Tokenizer, SurvivesInvalidBytes) {
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    std::string bytes(seed % 40, ' ');
    for (size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<char>(fold(seed, i) | (i % 3 ? 0x80 : 0));
    }
    std::vector<Token> tokens;
    uncased().tokenize(bytes, tokens);
    for (const Token& token : tokens) EXPECT_LE(token.end, bytes.size());
  }
}

TEST(Encode, AddsSpecialTokensAndTypes) {
  const Encoding encoding = encode_pair(uncased(), "\u00dcber", "a b");
  EXPECT_EQ(encoding.tokens, (Strings{"[CLS]", "uber", "[SEP]", "a", "b", "[SEP]"}));
  EXPECT_EQ(encoding.ids, (std::vector<int32_t>{101, 19169, 102, 1037, 1038, 102}));
  EXPECT_EQ(encoding.type_ids, (std::vector<int32_t>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(encoding.offsets, (Ranges{{0, 0}, {0, 4}, {0, 0}, {0, 1}, {2, 3}, {0, 0}}));
}

TEST(Encode, OfAnEmptyTextIsTheSpecialTokens) {
  const Encoding encoding = encode(uncased(), "");
  EXPECT_EQ(encoding.ids, (std::vector<int32_t>{101, 102}));
  EXPECT_EQ(encoding.type_ids, (std::vector<int32_t>{0, 0}));
}

}  // namespace
}  // namespace bertune
