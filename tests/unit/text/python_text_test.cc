// SPDX-License-Identifier: Apache-2.0
// The functions of Python's str, for every code point and for texts of the difficult ones.
#include "text/python_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>

#include "golden_file.h"
#include "text/utf8.h"

namespace bertune {
namespace {

std::string encode(char32_t code_point) {
  char bytes[4];
  return {bytes, encode_code_point(code_point, bytes)};
}

// Computes the same hash as hash_of_code_points in tools/make_task_goldens.py.
uint64_t hash_of_code_points() {
  uint64_t hash = 0xCBF29CE484222325ull;
  for (char32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    if (code_point >= 0xD800 && code_point < 0xE000) continue;
    const std::string c = encode(code_point);
    std::string text = is_python_space(code_point) ? "1" : "0";
    text += is_python_word(code_point) ? "1" : "0";
    text += python_lower(c) + python_lower("A" + c + "Σ") + python_lower("1" + c + "Σ" + c);
    for (const unsigned char byte : text) hash = (hash ^ byte) * 0x100000001B3ull;
  }
  return hash;
}

TEST(PythonText, KnowsEveryCodePoint) {
  const std::string expected = read_golden("python_text.json", "code_points");
  EXPECT_EQ(hash_of_code_points(), std::stoull(expected, nullptr, 16));
}

TEST(PythonText, LowersAsTheFullMappingDoes) {
  EXPECT_EQ(python_lower("The ÉCOLE"), "the école");
  EXPECT_EQ(python_lower("İstanbul"), "i\u0307stanbul");
  EXPECT_EQ(python_lower("ΟΔΥΣΣΕΥΣ"), "οδυσσευς");    // a final sigma at the end of a word
  EXPECT_EQ(python_lower("ΑΣ. ΣΑ Σ"), "ας. σα σ");    // none at the start of a word or alone
  EXPECT_EQ(python_lower("ΑΣ\u0301Α"), "ασ\u0301α");  // marks are ignored
  EXPECT_EQ(python_lower(""), "");
}

TEST(PythonText, SplitsAtPythonsWhiteSpace) {
  using Views = std::vector<std::string_view>;
  EXPECT_EQ(python_split(" a\tb\x1c"
                         "c\u00a0d\u3000 e\u200b"),
            (Views{"a", "b", "c", "d", "e\u200b"}));
  EXPECT_TRUE(python_split(" \n ").empty());
  EXPECT_EQ(python_strip("\u2003 中 \u0085"), "中");
  EXPECT_EQ(python_strip(" \u00a0 "), "");
  EXPECT_EQ(python_lstrip(" \u00a0a "), "a ");
}

TEST(PythonText, SplitsAndStripsTheGoldenTexts) {
  for (const auto& row : read_golden("python_text.json", "split")) {
    const std::string text = row[0];
    const std::vector<std::string> expected = row[1];
    const auto parts = python_split(text);
    EXPECT_EQ(std::vector<std::string>(parts.begin(), parts.end()), expected) << row;
    EXPECT_EQ(python_strip(text), row[2].get<std::string>()) << row;
    EXPECT_EQ(python_lstrip(text), row[3].get<std::string>()) << row;
  }
}

TEST(PythonText, WritesDoublesAsPythonDoes) {
  for (const auto& row : read_golden("python_text.json", "repr")) {
    const uint64_t bits = std::stoull(row[0].get<std::string>(), nullptr, 16);
    EXPECT_EQ(python_repr(std::bit_cast<double>(bits)), row[1].get<std::string>());
  }
  EXPECT_EQ(python_repr(-std::numeric_limits<double>::infinity()), "-inf");
  EXPECT_EQ(python_repr(std::numeric_limits<double>::quiet_NaN()), "nan");
}

}  // namespace
}  // namespace bertune
