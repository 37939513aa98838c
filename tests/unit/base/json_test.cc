// SPDX-License-Identifier: Apache-2.0
// Hostile JSON leads to an Error with the place of the fault, never to another exception or a stack
// overflow.
#include "base/json.h"

#include <gtest/gtest.h>

#include "bertune/error.h"

namespace bertune {
namespace {

std::string error_of(std::string_view text) {
  try {
    parse_json(text, "here");
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kInput);
    return error.message();
  }
  return "";
}

std::string nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(Json, ReadsWhatIsWellFormed) {
  EXPECT_EQ(parse_json(R"({"a": [1, null]})", "here")["a"][0], 1);
  EXPECT_EQ(error_of(nested(60)), "");
}

TEST(Json, NamesThePlaceOfASyntaxError) {
  EXPECT_EQ(error_of(R"({"a": )"), "here: not valid JSON at byte 7");
  EXPECT_EQ(error_of(""), "here: not valid JSON at byte 1");
}

TEST(Json, RefusesWhatWouldEndBadlyLater) {
  EXPECT_EQ(error_of(nested(100'000)), "here: nested deeper than 64 levels");
  EXPECT_EQ(error_of("[1e999]"), "here: a number is too large");
  EXPECT_EQ(error_of("[\"" + nested(100) + "\", \"\\\"[[\"]"), "");  // brackets in strings
  EXPECT_NE(error_of(std::string((64 << 20) + 1, ' ')), "");
}

TEST(Json, AnExcerptIsShortAndPrintable) {
  EXPECT_EQ(excerpt("short"), "short");
  EXPECT_EQ(excerpt("a\x1b[2J\n"), "a [2J ");
  EXPECT_EQ(excerpt(std::string(1000, 'x')), std::string(60, 'x') + "...");
  EXPECT_EQ(excerpt("x" + std::string(59, 'y') + "\u00e9"), "x" + std::string(59, 'y') + "...");
  EXPECT_EQ(excerpt(std::string(59, 'y') + "\u00e9"), std::string(59, 'y') + "...");
}

TEST(Json, AnExcerptOfAListIsShort) {
  const std::vector<std::string> names = {"a", std::string(100, 'b')};
  EXPECT_EQ(excerpt_list(names), "a, " + std::string(60, 'b') + "...");
  EXPECT_EQ(excerpt_list({}), "");
  const std::vector<std::string> many(1000, "c");
  EXPECT_EQ(excerpt_list(many).size(), 20 * 3 + 3u);
}

}  // namespace
}  // namespace bertune
