// SPDX-License-Identifier: Apache-2.0
// Question answering metrics, equal to Python's to the last digit.
#include "tasks/question_answering/metrics.h"

#include <gtest/gtest.h>

#include "datasets/squad/reader.h"
#include "golden_file.h"
#include "temporary_folder.h"
#include "text/python_text.h"

namespace bertune {
namespace {

SquadData question(std::vector<std::string> answers) {
  SquadData data;
  add_question(data, "1", "context", "q");
  for (std::string& text : answers) data.examples[0].answers.push_back({.text = std::move(text)});
  return data;
}

SquadInfo info_of(const SquadData& data, bool version2) {
  SquadInfo info;
  info.add(data);
  info.version2 = version2;
  return info;
}

Metrics score(const SquadData& data, bool version2, const AnswerTexts& texts) {
  SquadScorer scorer(info_of(data, version2), Predicted::kTexts);
  scorer.add(data, texts);
  return scorer.finish();
}

Metrics score(const SquadData& data, bool version2, const std::vector<QaPrediction>& predictions) {
  SquadScorer scorer(info_of(data, version2), Predicted::kAnswers);
  scorer.add(data, predictions);
  return scorer.finish();
}

// The exact match and F1 of one prediction.
std::pair<double, double> score_one(std::vector<std::string> answers, const std::string& prediction,
                                    bool version2 = false) {
  const Metrics metrics =
      score(question(std::move(answers)), version2, AnswerTexts{{"1", prediction}});
  return {metrics[0].second, metrics[1].second};
}

using Pair = std::pair<double, double>;

TEST(SquadMetrics, NormalizesAnswers) {
  EXPECT_EQ(normalize_answer("The  Quick, brown fox!"), "quick brown fox");
  EXPECT_EQ(normalize_answer("a an the theatre banana"), "theatre banana");
  EXPECT_EQ(normalize_answer("an-the"), "anthe");        // punctuation is removed first
  EXPECT_EQ(normalize_answer("the\u2014a"), "\u2014");   // other dashes are kept and delimit words
  EXPECT_EQ(normalize_answer("a\u0301 b"), "\u0301 b");  // a combining mark is not a word character
  EXPECT_EQ(normalize_answer("x\u00a0y\u200bz"), "x y\u200bz");
  EXPECT_EQ(normalize_answer("THE"), "");
}

TEST(SquadMetrics, NormalizesTheGoldenTexts) {
  for (const auto& row : read_golden("python_text.json", "normalized")) {
    EXPECT_EQ(normalize_answer(row[0].get<std::string>()), row[1].get<std::string>()) << row;
  }
}

TEST(SquadMetrics, ComparesBagsOfWords) {
  EXPECT_EQ(score_one({"Berlin"}, "the berlin."), Pair(100.0, 100.0));
  EXPECT_EQ(score_one({"in Berlin"}, "Berlin in"), Pair(0.0, 100.0));
  EXPECT_EQ(score_one({"Bonn", "in Berlin"}, "Berlin").second, 100.0 * (2 * 1.0 * 0.5 / 1.5));
  EXPECT_EQ(score_one({"x x y"}, "x x x").second, 100.0 * (2.0 / 3.0));
  EXPECT_EQ(score_one({"x"}, "y"), Pair(0.0, 0.0));
}

TEST(SquadMetrics, TreatsEmptyAnswersAsEachVersionDoes) {
  EXPECT_EQ(score_one({"the"}, "a"), Pair(100.0, 0.0));
  EXPECT_EQ(score_one({}, "", true), Pair(100.0, 100.0));
  EXPECT_EQ(score_one({}, "the", true), Pair(100.0, 100.0));
  EXPECT_EQ(score_one({}, "x", true), Pair(0.0, 0.0));
  EXPECT_EQ(score_one({"the"}, "", true), Pair(100.0, 100.0));  // an empty gold answer is dropped
  EXPECT_EQ(score_one({"the", "x"}, "", true), Pair(0.0, 0.0));
  EXPECT_EQ(score_one({}, ""), Pair(0.0, 0.0));
}

TEST(SquadMetrics, CountsAMissingIdAsZeroWithAWarning) {
  SquadData data = question({"x"});
  add_question(data, "2", "context", "q");
  data.examples[1].answers.push_back({.text = "y"});
  testing::internal::CaptureStderr();
  const Metrics metrics = score(data, false, AnswerTexts{{"1", "x"}, {"other", "z"}});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(metrics, (Metrics{{"exact_match", 50.0}, {"f1", 50.0}}));
  EXPECT_NE(log.find("1 of 2 questions"), std::string::npos) << log;
  EXPECT_NE(log.find("'2'"), std::string::npos) << log;
}

TEST(SquadMetrics, NamesV2AsTheOfficialScriptDoes) {
  SquadData data = question({"x"});
  add_question(data, "2", "context", "q");
  QaPrediction right, wrong;
  right.answer.text = right.best_text = "x";
  right.no_answer_score = -1.5;
  wrong.best_text = "y";  // suppressed, because no answer is correct
  wrong.no_answer_score = 0.5;
  EXPECT_EQ(score(data, true, std::vector<QaPrediction>{right, wrong}),
            (Metrics{{"exact", 100.0},
                     {"f1", 100.0},
                     {"total", 2.0},
                     {"HasAns_exact", 100.0},
                     {"HasAns_f1", 100.0},
                     {"HasAns_total", 1.0},
                     {"NoAns_exact", 100.0},
                     {"NoAns_f1", 100.0},
                     {"NoAns_total", 1.0},
                     {"best_exact", 100.0},
                     {"best_exact_thresh", -1.5},
                     {"best_f1", 100.0},
                     {"best_f1_thresh", -1.5}}));
  data.examples.pop_back();
  const Metrics answered = score(data, true, AnswerTexts{{"1", "x"}});
  ASSERT_EQ(answered.size(), 6u);  // no NoAns_
  EXPECT_EQ(answered.back().first, "HasAns_total");
}

// The pairs of a golden list, with numbers as Python prints them.
void expect_metrics(const Metrics& metrics, const nlohmann::json& expected) {
  ASSERT_EQ(metrics.size(), expected.size());
  for (size_t i = 0; i < metrics.size(); ++i) {
    EXPECT_EQ(metrics[i].first, expected[i][0].get<std::string>());
    EXPECT_EQ(python_repr(metrics[i].second), expected[i][1].get<std::string>())
        << metrics[i].first;
  }
}

TEST(SquadMetrics, EqualsPythonToTheLastDigit) {
  const TemporaryFolder folder;
  int number = 0;
  testing::internal::CaptureStderr();  // the warning about ids that are missing on purpose
  for (const auto& golden : read_golden("metrics.json", "cases")) {
    SCOPED_TRACE("case " + std::to_string(number++));
    const auto path = put_file(folder / "data.json", golden["data"].dump());
    const auto [data, info] = SquadStream(path, Split::kEvaluate).read_all();
    const AnswerTexts texts = golden["predictions"].get<AnswerTexts>();
    const auto& expected = golden["expected"];
    expect_metrics(score(data, info.version2, texts), expected["texts"]);
    if (!expected.contains("odds")) continue;
    std::vector<QaPrediction> predictions(data.examples.size());
    for (size_t e = 0; e < predictions.size(); ++e) {
      const auto text = texts.find(data.examples[e].id);
      if (text != texts.end()) predictions[e].answer.text = text->second;
      predictions[e].best_text = predictions[e].answer.text;
      predictions[e].no_answer_score = golden["odds"][data.examples[e].id];
    }
    expect_metrics(score(data, info.version2, predictions), expected["odds"]);
  }
  testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace bertune
