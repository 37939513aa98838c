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
