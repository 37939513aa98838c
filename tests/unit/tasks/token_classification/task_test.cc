// SPDX-License-Identifier: Apache-2.0
// Token classification through the interface shared by all tasks, with artificial logits.
#include "unit/tasks/task_fixture.h"

namespace bertune {
namespace {

class TokenClassification : public TaskTest {
 protected:
  TokenClassification() : TaskTest("token_classification") {}
};

TEST_F(TokenClassification, LearnsAndScoresTags) {
  const auto content = "a B-X\nb I-X\nc O\n\nb I-X\n";
  testing::internal::CaptureStderr();  // the warning about the tag that breaks the scheme
  const TrainingData data = train("t.conll", content);
  EXPECT_EQ(data.reading.labels, (Strings{"O", "B-X", "I-X"}));
  EXPECT_EQ(data.windows.token_targets[1],
            (std::vector<int32_t>{kIgnoredTarget, 1, kIgnoredTarget}));
  reading_ = data.reading;
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : id == kB ? 2 : 0; });
  auto metrics = evaluate("d.conll", content, infer);
  EXPECT_DOUBLE_EQ(metrics.at("f1"), 1.0);
  data_.strict = true;  // the second text's I-X does not start an entity
  metrics = evaluate("d.conll", content, infer);
  EXPECT_DOUBLE_EQ(metrics.at("recall"), 0.5);
  testing::internal::GetCapturedStderr();
}

TEST_F(TokenClassification, RefusesToLearnTagsThatTheModelLacks) {
  reading_.labels = {"O", "B-X", "I-X"};
  expect_error(ErrorKind::kInput, {"t.conll', text at line 3: the tag B-Y of 'b' is not one of O"},
               [&] { train("t.conll", "a B-X\n\nc O\nb B-Y\n"); });
  expect_error(ErrorKind::kInput, {"t.jsonl', text at line 1: the tag B-Y of 'b'"},
               [&] { train("t.jsonl", R"({"words": ["b"], "tags": ["B-Y"]})"); });
}

// The text has 21 tokens, and a window has room for 14.
TEST_F(TokenClassification, AggregatesTheTokensOfALongText) {
  reading_.labels = {"O", "B-X", "I-X"};
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : id == kB ? 2 : 0; });
  const std::vector<Input> inputs{std::string("a b c c c c c c c c c c azz c c b c a b")};
  const auto predict_with = [&](const char* aggregation) {
    return bertune::predict(*task_, context(), {.inputs = inputs, .aggregation = aggregation},
                            infer)[0];
  };
  std::vector<std::pair<std::string, int64_t>> tokens;
  for (const Prediction& prediction : predict_with("none")) {
    const auto& token = std::get<TaggedToken>(prediction);
    tokens.emplace_back(token.entity, token.index);
  }
  EXPECT_EQ(tokens,
            (std::vector<std::pair<std::string, int64_t>>{
                {"B-X", 1}, {"I-X", 2}, {"B-X", 13}, {"I-X", 18}, {"B-X", 20}, {"I-X", 21}}));
  const std::vector<Prediction> entities = predict_with("simple");
  ASSERT_EQ(entities.size(), 4u);
  EXPECT_EQ(std::get<TaggedEntity>(entities[0]).word, "a b");
  EXPECT_EQ(std::get<TaggedEntity>(entities[1]).word, "a");  // without the rest of azz
  EXPECT_EQ(std::get<TaggedEntity>(entities[3]).end, 39);
}

// One record without words must not make a file unusable.
TEST_F(TokenClassification, LeavesOutRecordsWithoutWordsEverywhere) {
  const std::string lines = R"({"words": ["a", "b"], "tags": ["B-X", "O"]})"
                            "\n{\"words\": [], \"tags\": []}\n";
  testing::internal::CaptureStderr();
  EXPECT_EQ(train("t.jsonl", lines).windows.windows.size(), 1u);
  reading_.labels = {"O", "B-X", "I-X"};
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : 0; });
  EXPECT_EQ(evaluate("t.jsonl", lines, infer).at("f1"), 1.0);
  const Metrics scored = task_->score({.predictions = (folder_ / "t.jsonl").string(),
                                       .eval_dataset = (folder_ / "t.jsonl").string()});
  EXPECT_EQ(scored.front(), (std::pair<std::string, double>{"precision", 1.0}));
  testing::internal::GetCapturedStderr();
}

TEST_F(TokenClassification, ATextWithoutTagsIsRefusedWithItsPlace) {
  const std::string lines = R"({"words": ["a"], "tags": ["B-X"]})"
                            "\n{\"words\": [\"b\"]}\n";
  expect_error(ErrorKind::kInput, {"t.jsonl', line 2: the text has no tags"},
               [&] { train("t.jsonl", lines); });
  expect_error(ErrorKind::kInput, {"t.jsonl', line 2: the text has no tags"},
               [&] { task_->list_metrics(context(), request(folder_ / "t.jsonl")); });
}

// Such as Chinese in CoNLL columns: "iPhone2022" would otherwise be one word.
TEST_F(TokenClassification, AModelOfCharactersPredictsByCharacter) {
  reading_ = train("t.conll", "\u6211 O\na B-X\nb I-X\n").reading;
  EXPECT_TRUE(reading_.word_per_character);
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : id == kB ? 2 : 0; });
  const Predictions predictions = predict({std::string("cabc")}, 1, infer);
  ASSERT_EQ(predictions[0].size(), 1u);
  EXPECT_EQ(std::get<TaggedEntity>(predictions[0][0]).word, "ab");
  EXPECT_FALSE(train("t.conll", "\u6211 O\nab B-X\n").reading.word_per_character);
}

TEST_F(TokenClassification, LearnsAndScoresPartsOfSpeech) {
  const auto content = "a DET\nb NOUN\n\nb NOUN\n";
  reading_ = train("t.conll", content).reading;
  EXPECT_EQ(reading_.labels, (Strings{"DET", "NOUN"}));
  const auto infer = by_token(2, [](int32_t id) { return id == kA ? 0 : 1; });
  EXPECT_EQ(evaluate("t.conll", content, infer).at("accuracy"), 1.0);
  const auto metrics = evaluate("d.conll", "a DET\nb DET\nb NOUN\nb NOUN\n", infer);
  EXPECT_EQ(metrics.at("accuracy"), 0.75);
  EXPECT_EQ(metrics.at("f1"), 0.0);
}

TEST_F(TokenClassification, ModelsOfOtherSpellingsKeepTheirLabels) {
  reading_.labels = {"O", "I-X"};
  EXPECT_EQ(train("t.conll", "a B-X\nb I-X\n").windows.token_targets[0],
            (std::vector<int32_t>{kIgnoredTarget, 1, 1, kIgnoredTarget}));
  reading_.labels = {"B-X", "M-X", "E-X", "S-X", "O"};
  EXPECT_EQ(train("t.conll", "a B-X\nb I-X\na I-X\nb O\n").windows.token_targets[0],
            (std::vector<int32_t>{kIgnoredTarget, 0, 1, 2, 4, kIgnoredTarget}));
}

TEST_F(TokenClassification, NumbersAreNamedByTheLabels) {
  const std::string lines = "{\"tokens\": [\"a\", \"b\"], \"ner_tags\": [2, 0]}\n";
  expect_error(ErrorKind::kInput, {"line 1: the tag 2 is a number"},
               [&] { train("t.jsonl", lines); });
  data_.labels = "O,I-X,B-X";
  const TrainingData data = train("t.jsonl", lines);
  EXPECT_EQ(data.windows.token_targets[0],
            (std::vector<int32_t>{kIgnoredTarget, 2, 0, kIgnoredTarget}));
  reading_ = data.reading;
  data_.labels = "";
  testing::internal::CaptureStderr();
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 2 : 0; });
  EXPECT_EQ(evaluate("t.jsonl", lines, infer).at("f1"), 1.0);
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("read as indices into the model's labels: O, I-X, B-X"), log.npos) << log;
}

TEST_F(TokenClassification, CountsEntitiesOfUnknownTypesAsMissed) {
  reading_.labels = {"O", "B-X", "I-X"};
  testing::internal::CaptureStderr();
  const auto metrics = evaluate("d.conll", "a B-X\nc B-Y\n",
                                by_token(3, [](int32_t id) { return id == kA ? 1 : 0; }));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("1 entities are of types that the model does not know (Y)"), std::string::npos)
      << log;
  EXPECT_DOUBLE_EQ(metrics.at("recall"), 0.5);
}

TEST_F(TokenClassification, PredictsEntities) {
  reading_.labels = {"O", "B-X", "I-X"};
  const auto infer = by_token(3, [](int32_t id) { return id == kA ? 1 : id == kB ? 2 : 0; });
  const Predictions predictions = predict({std::string("c. a b")}, 1, infer);
  ASSERT_EQ(predictions[0].size(), 1u);
  const auto entity = std::get<TaggedEntity>(predictions[0][0]);
  EXPECT_EQ(entity.word, "a b");
  EXPECT_EQ(entity.start, 3);
  EXPECT_EQ(entity.entity_group, "X");
}

TEST_F(TokenClassification, EvaluatesDataOfSeveralParts) {
  reading_.labels = {"O", "B-X", "I-X"};
  expect_the_same_in_parts("", "a B-X\nb I-X\n\nc B-X\n\n", by_token(3, [](int32_t id) {
                             return id == kA ? 1 : id == kB ? 2 : 0;
                           }));
}

}  // namespace
}  // namespace bertune
