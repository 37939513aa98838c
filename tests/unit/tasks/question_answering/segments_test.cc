// SPDX-License-Identifier: Apache-2.0
// Answers compared by characters, with values of tools/make_character_goldens.py.
#include "tasks/question_answering/segments.h"

#include <gtest/gtest.h>

#include "golden_file.h"
#include "tasks/question_answering/metrics.h"
#include "text/python_text.h"

namespace bertune {
namespace {

Metrics score(const std::vector<std::string>& answers, const std::string& prediction,
              AnswerUnits units, bool version2 = false) {
  SquadData data;
  add_question(data, "1", "context", "q");
  for (const std::string& text : answers) data.examples[0].answers.push_back({.text = text});
  SquadInfo info;
  info.add(data);
  info.version2 = version2;
  SquadScorer scorer(info, Predicted::kTexts, units);
  scorer.add(data, AnswerTexts{{"1", prediction}});
  return scorer.finish();
}

TEST(Segments, ScoreAsCmrc2018Does) {
  for (const auto& golden : read_golden("character_metrics.json", "cases")) {
    SCOPED_TRACE(golden.dump());
    const std::string prediction = golden["prediction"];
    EXPECT_EQ(segment_answer(prediction), golden["segments"].get<std::vector<std::string>>());
    const Metrics metrics = score(golden["gold"], prediction, AnswerUnits::kCharacters);
    EXPECT_EQ(metrics[0].second, 100.0 * golden["exact"].get<double>());
    const double f1 = std::stod(golden["f1"].get<std::string>());
    EXPECT_EQ(python_repr(metrics[1].second), python_repr(100.0 * f1));
  }
}

TEST(Segments, DifferFromWords) {
  const std::vector<std::string> gold{"战国无双3"};
  EXPECT_EQ(score(gold, "战国无双", AnswerUnits::kWords)[1].second, 0.0);
  EXPECT_GT(score(gold, "战国无双", AnswerUnits::kCharacters)[1].second, 88.0);
  EXPECT_EQ(score({}, "", AnswerUnits::kCharacters, true)[0].second, 100.0);
  EXPECT_EQ(score({}, "中", AnswerUnits::kCharacters, true)[1].second, 0.0);
}

SquadInfo info_of(const std::vector<std::string>& answers) {
  SquadData data;
  for (const std::string& text : answers) {
    add_question(data, text, "context", "q");
    data.examples.back().answers.push_back({.text = text});
  }
  SquadInfo info;
  info.add(data);
  return info;
}

TEST(Segments, AreChosenForChineseWithoutSpaces) {
  const std::vector<std::string> chinese(12, "二零一零年三月十八日"), english{"Berlin", "1990"};
  std::vector<std::string> spaced = chinese;
  spaced.insert(spaced.end(), {"a b", "c d"});
  testing::internal::CaptureStderr();
  EXPECT_EQ(choose_units("auto", info_of(english)), AnswerUnits::kWords);
  EXPECT_EQ(choose_units("auto", info_of(spaced)), AnswerUnits::kWords);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  EXPECT_EQ(choose_units("auto", info_of(chinese)), AnswerUnits::kCharacters);
  EXPECT_NE(testing::internal::GetCapturedStderr().find(
                "compared by characters, as in CMRC 2018 (they are Chinese without spaces)"),
            std::string::npos);
  testing::internal::CaptureStderr();
  EXPECT_EQ(choose_units("words", info_of(chinese)), AnswerUnits::kWords);
  EXPECT_EQ(choose_units("characters", info_of(english)), AnswerUnits::kCharacters);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("compared by words, as in SQuAD"),
            std::string::npos);
}

}  // namespace
}  // namespace bertune
