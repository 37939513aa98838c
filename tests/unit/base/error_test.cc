// SPDX-License-Identifier: Apache-2.0
// Places of options in the texts of an Error, and how each front end spells them.
#include "bertune/error.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace bertune {
namespace {

using Names = std::vector<std::string>;

// <name> and <name:value>.
std::string bracketed(std::string_view name, std::optional<std::string_view> value) {
  return "<" + std::string(name) + (value ? ":" + std::string(*value) : "") + ">";
}

TEST(Error, SpellsOptionsAsInCppUnlessAFrontEndSpellsThem) {
  const Error error(ErrorKind::kUsage, option("max_seq_length") + " is 3",
                    "give " + option("max_seq_length", "128") + " or more");
  EXPECT_EQ(error.kind(), ErrorKind::kUsage);
  EXPECT_EQ(error.message(), "max_seq_length is 3");
  EXPECT_STREQ(error.what(), "max_seq_length is 3");
  EXPECT_EQ(error.hint(), "give max_seq_length=128 or more");
  EXPECT_EQ(error.message(bracketed), "<max_seq_length> is 3");
  EXPECT_EQ(error.hint(bracketed), "give <max_seq_length:128> or more");
}

TEST(Error, HasPlacesAnywhereInItsTexts) {
  const Error error(ErrorKind::kUsage, option("a") + option("b_2", "x y") + " and " + option("c"));
  EXPECT_EQ(error.message(), "ab_2=x y and c");
  EXPECT_EQ(error.message(bracketed), "<a><b_2:x y> and <c>");
  EXPECT_EQ(error.hint(), "");
  EXPECT_EQ(error.hint(bracketed), "");
}

TEST(Error, AnEmptyValueIsASetting) {
  const Error error(ErrorKind::kUsage, option("trace", ""));
  EXPECT_EQ(error.message(), "trace=");
  EXPECT_EQ(error.message(bracketed), "<trace:>");
}

TEST(Error, ListsEachOptionOnceInOrder) {
  const Error error(ErrorKind::kUsage, option("resume_from") + " and " + option("resume", "true"),
                    option("resume") + " takes the last of " + option("output_dir"));
  EXPECT_EQ(error.options(), (Names{"resume_from", "resume", "output_dir"}));
  EXPECT_EQ(Error(ErrorKind::kSystem, "no options here").options(), Names{});
}

TEST(Error, AtAPlaceKeepsKindHintAndOptions) {
  const Error error =
      Error(ErrorKind::kInput, option("labels") + " is x", "see " + option("task")).at("input 3");
  EXPECT_EQ(error.kind(), ErrorKind::kInput);
  EXPECT_EQ(error.message(), "input 3: labels is x");
  EXPECT_EQ(error.message(bracketed), "input 3: <labels> is x");
  EXPECT_EQ(error.hint(bracketed), "see <task>");
  EXPECT_EQ(error.options(), (Names{"labels", "task"}));
}

TEST(Error, TakesALongerHint) {
  const Error error = Error(ErrorKind::kSystem, "what", "check " + option("model"))
                          .with_hint("; or give " + option("output_dir", "x"));
  EXPECT_EQ(error.kind(), ErrorKind::kSystem);
  EXPECT_EQ(error.message(), "what");
  EXPECT_EQ(error.hint(), "check model; or give output_dir=x");
  EXPECT_EQ(error.hint(bracketed), "check <model>; or give <output_dir:x>");
}

// A user's text may hold any bytes.
TEST(Error, SeparatorsOutsideOfAPlaceAreText) {
  for (const std::string text : {"\x1f", "a\x1f", "\x1f ab", "a\x1f\x1f",
                                 "a\x1f"
                                 "B c\x1f"
                                 "d",
                                 "\x1f\x1e"
                                 "1\x1f",
                                 "\x1e"}) {
    const Error error(ErrorKind::kInput, text, text);
    EXPECT_EQ(error.message(), text);
    EXPECT_EQ(error.hint(), text);
    EXPECT_EQ(error.message(bracketed), text);
    EXPECT_EQ(error.options(), Names{});
    const Error beside(ErrorKind::kInput, text + " " + option("task") + " after");
    EXPECT_EQ(beside.message(), text + " task after");
    EXPECT_EQ(beside.message(bracketed), text + " <task> after");
    EXPECT_EQ(beside.options(), Names{"task"});
  }
}

TEST(Error, AValueCannotEndItsPlace) {
  const Error error(ErrorKind::kUsage, option("labels",
                                              "a\x1f"
                                              "b\x1e"
                                              "c") +
                                           " is given");
  EXPECT_EQ(error.message(), "labels=abc is given");
  EXPECT_EQ(error.message(bracketed), "<labels:abc> is given");
}

}  // namespace
}  // namespace bertune
