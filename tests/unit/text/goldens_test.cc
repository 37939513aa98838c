// SPDX-License-Identifier: Apache-2.0
// Ids and offsets equal those of the reference tokenizer: in full for tricky texts, by hash for
// every code point and many random texts. tools/generate_tokenizer_goldens.py generates the files.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "base/random.h"
#include "bertune/tokenizer.h"
#include "crc32.h"
#include "text/encode.h"
#include "text/utf8.h"

namespace bertune {
namespace {

using nlohmann::json;

const std::string kFolder = BERTUNE_TEST_DATA "/text";

std::vector<json> read_texts() {
  std::ifstream file(kFolder + "/texts.jsonl");
  std::vector<json> rows;
  for (std::string line; std::getline(file, line);) rows.push_back(json::parse(line));
  return rows;
}

// [ids, flat offsets in code points], the form of the golden files.
json tokenize_to_json(const Tokenizer& tokenizer, const std::string& text) {
  std::vector<Token> tokens;
  tokenizer.tokenize(text, tokens);
  json ids = json::array();
  json offsets = json::array();
  for (const Token& token : tokens) ids.push_back(token.id);
  for (const auto& [begin, end] : code_point_ranges(text, tokens)) {
    offsets.push_back(begin);
    offsets.push_back(end);
  }
  return {ids, offsets};
}

class TrickyTexts : public testing::TestWithParam<std::string> {};

TEST_P(TrickyTexts, EqualTheReference) {
  const Tokenizer tokenizer = Tokenizer::load(kFolder + "/" + GetParam());
  const std::vector<json> rows = read_texts();
  ASSERT_GT(rows.size(), 200u);
  for (const json& row : rows) {
    EXPECT_EQ(tokenize_to_json(tokenizer, row["text"]), row[GetParam()]) << row["text"].dump();
  }
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, TrickyTexts,
                         testing::Values("uncased", "cased", "chinese", "multilingual"),
                         [](const auto& vocabulary) { return vocabulary.param; });

std::string utf8(char32_t code_point) {
  char bytes[4];
  return {bytes, encode_code_point(code_point, bytes)};
}

bool is_surrogate(char32_t c) { return c >= 0xD800 && c <= 0xDFFF; }

// The ids spell out the normalised text, because each code point is a piece, alone and as a
// continuation.
std::vector<std::string> code_point_vocabulary() {
  std::vector<std::string> vocabulary{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"};
  const auto append = [&](char32_t first, char32_t end) {
    for (char32_t c = first; c < end; ++c) {
      if (is_surrogate(c)) continue;
      vocabulary.push_back(utf8(c));
      vocabulary.push_back("##" + utf8(c));
    }
  };
  append(0, 0x40000);
  append(0xE0000, 0xE1000);
  return vocabulary;
}

class ReferenceHash {
 public:
  explicit ReferenceHash(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}

  void add(const std::string& text) {
    tokens_.clear();
    tokenizer_.tokenize(text, tokens_);
    hash_.add(static_cast<int32_t>(tokens_.size()));
    for (const Token& token : tokens_) hash_.add(token.id);
    for (const auto& [begin, end] : code_point_ranges(text, tokens_)) {
      hash_.add(static_cast<int32_t>(begin));
      hash_.add(static_cast<int32_t>(end));
    }
  }

  std::string hex() const { return hash_.hex(); }

 private:
  const Tokenizer& tokenizer_;
  std::vector<Token> tokens_;
  Crc32 hash_;
};

using Pools = std::vector<std::vector<std::string>>;

// Generates the same texts as random_text() of tools/tokenizer_texts.py.
std::string random_text(uint64_t seed, const Pools& pools) {
  uint64_t state = mix64(seed);
  const uint64_t length = state % 33;
  const std::vector<std::string>* pool = &pools[0];
  std::string text;
  for (uint64_t i = 0; i < length; ++i) {
    state = mix64(state);
    if (state % 3 == 0) pool = &pools[(state >> 8) % pools.size()];
    text += (*pool)[(state >> 32) % pool->size()];
  }
  return text;
}

class CodePoints : public testing::TestWithParam<int> {
 protected:
  static void SetUpTestSuite() {
    std::ifstream file(kFolder + "/hashes.json");
    goldens_ = json::parse(file);
  }

  const json& mode() const { return goldens_["modes"][GetParam()]; }

  Tokenizer make_tokenizer() const {
    return Tokenizer(code_point_vocabulary(), {.lower_case = mode()["do_lower_case"],
                                               .strip_accents = mode()["strip_accents"],
                                               .space_chinese = mode()["tokenize_chinese_chars"]});
  }

  inline static json goldens_;
};

TEST_P(CodePoints, AloneInsideAndAfterAWordEqualTheReference) {
  const Tokenizer tokenizer = make_tokenizer();
  const char32_t per_hash = goldens_["code_points_per_hash"].get<uint32_t>();
  for (char32_t begin = 0; begin < 0x110000; begin += per_hash) {
    ReferenceHash hash(tokenizer);
    for (char32_t c = begin; c < begin + per_hash; ++c) {
      if (is_surrogate(c)) continue;
      const std::string character = utf8(c);
      hash.add(character);
      hash.add("ab" + character + "cd");
      hash.add("ab" + character);
    }
    EXPECT_EQ(hash.hex(), mode()["blocks"][begin / per_hash].get<std::string>())
        << "code points from " << std::hex << static_cast<uint32_t>(begin);
  }
}

TEST_P(CodePoints, InRandomTextsEqualTheReference) {
  const Tokenizer tokenizer = make_tokenizer();
  const auto pools = goldens_["random_pools"].get<Pools>();
  const uint64_t texts = goldens_["random_texts"];
  ReferenceHash hash(tokenizer);
  for (uint64_t seed = 0; seed < texts; ++seed) hash.add(random_text(seed, pools));
  EXPECT_EQ(hash.hex(), mode()["random"].get<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Modes, CodePoints, testing::Range(0, 5));

}  // namespace
}  // namespace bertune
