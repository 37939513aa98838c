// SPDX-License-Identifier: Apache-2.0
// Replacement of invalid bytes equals Python's, and code-point offsets are consistent.
#include "text/utf8.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crc32.h"

namespace bertune {
namespace {

using namespace std::string_literals;

TEST(Utf8, ValidTextComesBackEqual) {
  const std::string text = "a\u00e9\u4e2d\U0001F600\0z"s;
  EXPECT_TRUE(is_valid_utf8(text));
  EXPECT_EQ(replace_invalid_utf8(text), text);
  EXPECT_TRUE(is_valid_utf8(""));
  EXPECT_EQ(replace_invalid_utf8(""), "");
}

TEST(Utf8, EachMaximalPartBecomesOneReplacement) {
  const std::pair<std::string, std::string> cases[] = {
      {"\x80", "\uFFFD"},
      {"a\xC3", "a\uFFFD"},
      {"\xC3(", "\uFFFD("},
      {"\xE2\x82", "\uFFFD"},
      {"\xE2\x82\xE2\x82\xAC", "\uFFFD\u20AC"},
      {"\xF0\x9F\x98", "\uFFFD"},
      {"\xC0\x80", "\uFFFD\uFFFD"},
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},            // a surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"},  // above U+10FFFF
      {"\xE0\x9F\xBF", "\uFFFD\uFFFD\uFFFD"},            // an overlong form
      {"12345678\xFF\x31", "12345678\uFFFD1"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_FALSE(is_valid_utf8(bytes));
    EXPECT_EQ(replace_invalid_utf8(bytes), text);
  }
}

// Adds to the hash the repaired form of every string with `left` more bytes, in the generator's
// order.
void hash_strings(const std::vector<char>& bytes, int left, std::string& string, Crc32& hash) {
  if (left == 0) {
    const std::string text = replace_invalid_utf8(string);
    EXPECT_EQ(is_valid_utf8(string), text == string);
    EXPECT_TRUE(is_valid_utf8(text));
    hash.add(text + "\n");
    return;
  }
  for (const char byte : bytes) {
    string.push_back(byte);
    hash_strings(bytes, left - 1, string, hash);
    string.pop_back();
  }
}

TEST(Utf8, EqualsPythonOnAllStringsOfUpToFourTellingBytes) {
  std::ifstream file(BERTUNE_TEST_DATA "/text/hashes.json");
  const auto goldens = nlohmann::json::parse(file);
  std::vector<char> bytes;
  for (const int value : goldens["utf8_bytes"]) bytes.push_back(static_cast<char>(value));
  Crc32 hash;
  for (int length = 0; length <= 4; ++length) {
    std::string string;
    hash_strings(bytes, length, string, hash);
  }
  EXPECT_EQ(hash.hex(), goldens["utf8"].get<std::string>());
}

TEST(Utf8, OffsetsInCodePoints) {
  const std::string text = "a\u00e9\u4e2d\U0001F600z";  // 1 + 2 + 3 + 4 + 1 bytes
  EXPECT_EQ(count_code_points(text), 5);
  const size_t starts[] = {0, 1, 3, 6, 10, 11};
  CodePointCounter counter(text);
  for (int64_t i = 0; i <= 5; ++i) {
    EXPECT_EQ(byte_of_code_point(text, i), starts[i]);
    EXPECT_EQ(counter.at(starts[i]), i);
  }
  EXPECT_EQ(byte_of_code_point(text, 6), text.size());
  EXPECT_EQ(counter.at(3), 2) << "also backwards";
  EXPECT_EQ(count_code_points(""), 0);
  EXPECT_EQ(byte_of_code_point("", 0), 0u);
}

TEST(Utf8, DecodesWhatItEncodes) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) continue;
    char bytes[4];
    const uint32_t size = encode_code_point(c, bytes);
    const auto [value, read] = decode_code_point({bytes, size}, 0);
    ASSERT_EQ(value, c);
    ASSERT_EQ(read, size);
    ASSERT_TRUE(is_valid_utf8({bytes, size}));
  }
}

TEST(Utf8, DecodingInvalidBytesStaysInsideTextAndUnicode) {
  for (int lead = 0; lead < 256; ++lead) {
    for (size_t size = 1; size <= 4; ++size) {
      std::string bytes(size, '\xBF');
      bytes[0] = static_cast<char>(lead);
      const auto [value, read] = decode_code_point(bytes, 0);
      EXPECT_LE(value, 0x10FFFFu);
      EXPECT_LE(read, size);
      EXPECT_GE(read, 1u);
    }
  }
}

}  // namespace
}  // namespace bertune
