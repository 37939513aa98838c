// SPDX-License-Identifier: Apache-2.0
// Writing predictions and candidates to files.
#include "tasks/question_answering/prediction_files.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

struct Answered {
  SquadData data;
  std::vector<QaPrediction> predictions;
};

Answered two_questions() {
  Answered answered;
  add_question(answered.data, "b \"1\"", "c", "q");
  add_question(answered.data, "a", "c", "q");
  answered.predictions.resize(2);
  answered.predictions[0].answer = {.text = "K\u00f6ln\n",
                                    .score = 0.75,
                                    .start = 3,
                                    .end = 8,
                                    .start_logit = 1.5f,
                                    .end_logit = -2.0f};
  answered.predictions[0].n_best = {answered.predictions[0].answer, {}};
  answered.predictions[0].no_answer_score = -0.1;
  answered.predictions[1].n_best.resize(1);
  return answered;
}

class QaFiles : public testing::Test {
 protected:
  // The file for an answered dataset that is repeated `times` times.
  std::string written(QaAnswerFile::Content content, int times = 1) const {
    const auto [data, predictions] = two_questions();
    QaAnswerFile file(path_, content);
    for (int i = 0; i < times; ++i) file.add(data, predictions);
    file.close();
    return get_file(path_);
  }

  const TemporaryFolder folder_;
  const std::filesystem::path path_ = folder_ / "p.json";
};

TEST_F(QaFiles, HavePredictionsInTheOrderOfTheData) {
  const std::string entries = "\n  \"b \\\"1\\\"\": \"K\u00f6ln\\n\",\n  \"a\": \"\"";
  EXPECT_EQ(written(QaAnswerFile::Content::kTexts), "{" + entries + "\n}\n");
  EXPECT_EQ(written(QaAnswerFile::Content::kTexts, 2), "{" + entries + "," + entries + "\n}\n");
  EXPECT_EQ(written(QaAnswerFile::Content::kTexts, 0), "{\n}\n");
}

TEST_F(QaFiles, HaveCandidates) {
  const auto parsed = nlohmann::json::parse(written(QaAnswerFile::Content::kNBest));
  const nlohmann::json first{{"text", "K\u00f6ln\n"}, {"score", 0.75},    {"start", 3}, {"end", 8},
                             {"start_logit", 1.5},    {"end_logit", -2.0}};
  EXPECT_EQ(parsed["b \"1\""].size(), 2u);
  EXPECT_EQ(parsed["b \"1\""][0], first);
  EXPECT_EQ(parsed["a"][0]["text"], "");
}

TEST_F(QaFiles, ReadTheirOwnPredictions) {
  written(QaAnswerFile::Content::kTexts);
  EXPECT_EQ(read_predictions(path_), (AnswerTexts{{"b \"1\"", "K\u00f6ln\n"}, {"a", ""}}));
}

TEST_F(QaFiles, OfOtherShapesAreRefused) {
  const auto refuse = [&](const std::string& content, std::initializer_list<std::string> parts) {
    const auto path = put_file(path_, content);
    expect_error(ErrorKind::kInput, parts, [&] { read_predictions(path); });
  };
  refuse("[]", {"p.json", "is a list, not an object"});
  refuse(R"({"a": "x", "b": null})", {"'b' is null, not a string"});
  refuse(R"({"a": [{"text": "x"}]})", {"'a' is a list"});
  refuse(R"({"a": "x")", {"line 1", "ends in the middle"});
  refuse("", {"is empty"});
  expect_error(ErrorKind::kSystem, {"none.json"}, [&] { read_predictions(folder_ / "none.json"); });
}

}  // namespace
}  // namespace bertune
