// SPDX-License-Identifier: Apache-2.0
// Splitting a context and a question given in one string.
#include "tasks/context_question.h"

#include <gtest/gtest.h>

#include "expect_error.h"

namespace bertune {
namespace {

void expect_split(const std::string& text, const std::string& context,
                  const std::string& question) {
  const ContextQuestion split = split_context_question(text);
  EXPECT_EQ(split.context, context) << text;
  EXPECT_EQ(split.question, question) << text;
}

TEST(ContextQuestion, SplitsTheWorkedExample) {
  expect_split("My name is Wolfgang and I live in Berlin - Where do I live?",
               "My name is Wolfgang and I live in Berlin", "Where do I live?");
}

TEST(ContextQuestion, TakesTheLastDashBetweenSpaces) {
  expect_split("It rained - all day - How long?", "It rained - all day", "How long?");
  expect_split("A well-known man - Who?", "A well-known man", "Who?");
  expect_split("Berlin - Who is well-known?", "Berlin", "Who is well-known?");
  expect_split("a - - b", "a -", "b");
}

TEST(ContextQuestion, TakesTheOnlyDash) {
  expect_split("I live in Berlin-Where?", "I live in Berlin", "Where?");
  expect_split("I live in Berlin -Where?", "I live in Berlin", "Where?");
  expect_split("I live in Berlin\n-\nWhere?", "I live in Berlin", "Where?");
}

TEST(ContextQuestion, CountsLongDashesAsHyphens) {
  expect_split("In Berlin \u2013 Where?", "In Berlin", "Where?");
  expect_split("In Berlin \u2014 Where?", "In Berlin", "Where?");
  expect_split("In Berlin\u2014Where?", "In Berlin", "Where?");
  expect_split("1914\u20131918 - When?", "1914\u20131918", "When?");
  expect_split("A - war \u2014 When?", "A - war", "When?");
}

TEST(ContextQuestion, StripsBothSides) {
  expect_split(" \t\u00a0In Berlin  -  Where? \n", "In Berlin", "Where?");
}

TEST(ContextQuestion, RefusesWhatItCannotSplit) {
  const auto refuse = [](const std::string& text, const std::string& message) {
    expect_error(ErrorKind::kInput, {message}, [&] { split_context_question(text); });
  };
  refuse("Where do I live?", "no dash");
  refuse("", "no dash");
  refuse("a-b-c", "several dashes");
  refuse("1914\u20131918-When?", "several dashes");
  refuse(" - Where?", "no context");
  refuse("- Where?", "no context");
  refuse("Berlin - ", "no question");
  refuse("Berlin -", "no question");
  const std::optional<Error> error = error_of([] { split_context_question("none"); });
  ASSERT_TRUE(error);
  EXPECT_NE(error->hint().find("context - question"), std::string::npos);
  EXPECT_NE(error->hint().find("\"context\""), std::string::npos);
}

TEST(ContextQuestion, ShowsTheBeginningOfALongText) {
  std::string text;
  for (int i = 0; i < 200; ++i) text += "é";
  const std::optional<Error> error = error_of([&] { split_context_question(text); });
  ASSERT_TRUE(error);
  EXPECT_EQ(error->message(),
            "no dash separates context and question: '" + text.substr(0, 160) + "...'");
}

}  // namespace
}  // namespace bertune
