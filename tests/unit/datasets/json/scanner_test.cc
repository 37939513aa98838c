// SPDX-License-Identifier: Apache-2.0
// Splitting the outer levels of JSON without a full parser.
#include "datasets/json/scanner.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bertune {
namespace {

using Texts = std::vector<std::string>;

TEST(JsonScanner, TakesAnObjectApart) {
  JsonScanner scanner(R"( { "a" : [1, {"}": "\"]"}] ,"b":-1.5e3,"c":"x\\" , "d":null} )");
  Texts found;
  scanner.object([&](std::string_view key) {
    found.push_back(std::string(key) + "=" + std::string(scanner.value()));
  });
  EXPECT_TRUE(scanner.at_end());
  EXPECT_EQ(found, (Texts{R"(a=[1, {"}": "\"]"}])", "b=-1.5e3", R"(c="x\\")", "d=null"}));
}

TEST(JsonScanner, TakesAListApart) {
  JsonScanner scanner(R"([[], "a" ,{ }])");
  Texts found;
  scanner.array([&] { found.emplace_back(scanner.value()); });
  EXPECT_EQ(found, (Texts{"[]", "\"a\"", "{ }"}));
}

TEST(JsonScanner, TakesAListApartElementByElement) {
  JsonScanner scanner(R"( [[], "a" ,{ }] )");
  Texts found;
  for (bool more = scanner.enter_array(); more; more = scanner.next_element())
    found.emplace_back(scanner.value());
  EXPECT_EQ(found, (Texts{"[]", "\"a\"", "{ }"}));
  EXPECT_TRUE(scanner.at_end());
  EXPECT_FALSE(JsonScanner("[ ]").enter_array());
}

TEST(JsonScanner, FindsWhatIsMissingBetweenValues) {
  for (const char* text : {"", "[", "[1", "[1,", "[1,]", "[1 2]", "[\"a]", "[{]", "]", "[\"\\"}) {
    JsonScanner scanner(text);
    EXPECT_THROW(scanner.array([&] { scanner.value(); }), JsonFault) << text;
  }
  for (const char* text : {"{1:2}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}"}) {
    JsonScanner scanner(text);
    EXPECT_THROW(scanner.object([&](std::string_view) { scanner.value(); }), JsonFault) << text;
  }
}

}  // namespace
}  // namespace bertune
