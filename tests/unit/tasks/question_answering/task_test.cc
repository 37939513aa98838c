// SPDX-License-Identifier: Apache-2.0
// Question answering through the interface shared by all tasks, with artificial logits.
#include "unit/tasks/task_fixture.h"

namespace bertune {
namespace {

class QuestionAnswering : public TaskTest {
 protected:
  QuestionAnswering() : TaskTest("question_answering") {}
};

std::string line(const std::string& id, const std::string& answers) {
  return "{\"id\": \"" + id +
         "\", \"context\": \"b a\", \"question\": \"c\", \"answers\": " + answers + "}\n";
}

// Both logits of a token are 1 if the token is a, else 0.
Infer find_a() {
  return [](const WindowSet& set, const LogitsSink& sink) {
    for (int32_t w = 0; w < static_cast<int32_t>(set.windows.size()); ++w) {
      Batch batch;
      pack(set, std::span(&w, 1), batch);
      std::vector<float> logits;
      for (const int32_t id : batch.ids) logits.insert(logits.end(), 2, id == kA ? 1.0f : 0.0f);
      sink(w, logits);
    }
  };
}

const std::string kAnswerA = R"([{"text": "a", "answer_start": 2}])";

TEST_F(QuestionAnswering, ScoresAnswers) {
  const auto metrics = evaluate("d.jsonl", line("1", kAnswerA), find_a());
  EXPECT_EQ(metrics.at("exact_match"), 100.0);  // `a` is an article, so both normalise to nothing
  EXPECT_EQ(metrics.size(), 2u);
}

// The fixture's evaluate() compares the names with those of list_metrics.
TEST_F(QuestionAnswering, NamesTheMetricsOfVersion2) {
  EXPECT_EQ(evaluate("d.jsonl", line("1", kAnswerA) + line("2", "[]"), find_a()).size(), 13u);
  EXPECT_EQ(evaluate("d.jsonl", line("1", "[]"), find_a()).size(), 10u);  // no HasAns_
}

TEST_F(QuestionAnswering, PredictsAtMostTheCandidates) {
  const Predictions predictions = predict({ContextQuestion{"b a", "c"}}, 2, find_a());
  ASSERT_EQ(predictions[0].size(), 2u);
  EXPECT_EQ(std::get<Answer>(predictions[0][0]).text, "a");
  expect_error(ErrorKind::kUsage, {"top_k is 21"}, [&] {
    predict({ContextQuestion{"b a", "c"}}, 21, find_a());
  });
}

}  // namespace
}  // namespace bertune
