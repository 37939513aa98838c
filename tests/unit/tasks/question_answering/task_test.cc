// SPDX-License-Identifier: Apache-2.0
// Question answering through the interface shared by all tasks, with artificial logits.
#include <cmath>

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

TEST_F(QuestionAnswering, RefusesAnEmptySide) {
  for (const char* blank : {"", " \t\n", "\u00a0"}) {
    expect_error(ErrorKind::kInput, {"the context is empty"}, [&] {
      task_->check_input(ContextQuestion{blank, "c"});
    });
    expect_error(ErrorKind::kInput, {"the question is empty"}, [&] {
      task_->check_input(ContextQuestion{"b a", blank});
    });
  }
}

// Logits like find_a()'s, with a null score of twice `null_logit`.
Infer find_a_or_nothing(float null_logit) {
  return [=](const WindowSet& set, const LogitsSink& sink) {
    find_a()(set, [&](int32_t window, std::span<const float> logits) {
      std::vector<float> changed(logits.begin(), logits.end());
      changed[0] = changed[1] = null_logit;
      sink(window, changed);
    });
  };
}

std::vector<Answer> answers_of(const Predictions& predictions) {
  std::vector<Answer> answers;
  for (const Prediction& prediction : predictions.at(0)) {
    answers.push_back(std::get<Answer>(prediction));
  }
  return answers;
}

TEST_F(QuestionAnswering, AModelThatKnowsEmptyAnswersPredictsThem) {
  const std::vector<Input> input{ContextQuestion{"b a", "c"}};
  EXPECT_EQ(answers_of(predict(input, 1, find_a_or_nothing(3.0f)))[0].text, "a");
  reading_.empty_answers = true;
  EXPECT_EQ(answers_of(predict(input, 1, find_a_or_nothing(0.0f)))[0].text, "a");
  const std::vector<Answer> best = answers_of(predict(input, 2, find_a_or_nothing(3.0f)));
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].text, "");
  EXPECT_EQ(best[0].start, 0);
  EXPECT_EQ(best[0].end, 0);
  // Of the sums 6 (nothing), 2 (a), 1 (b a) and 0 (b).
  const double total = 1.0 + std::exp(-4.0) + std::exp(-5.0) + std::exp(-6.0);
  EXPECT_NEAR(best[0].score, 1.0 / total, 5e-5);
  EXPECT_EQ(best[1].text, "a");
}

TEST_F(QuestionAnswering, AThresholdAllowsEmptyAnswersAndDecides) {
  const std::vector<Input> input{ContextQuestion{"b a", "c"}};
  const auto at = [&](double threshold) {
    const AnswerOptions answer{.null_threshold = threshold};
    return answers_of(bertune::predict(*task_, context(),
                                       {.inputs = input, .top_k = 9, .answer = answer},
                                       find_a_or_nothing(0.0f)));
  };
  EXPECT_EQ(at(0.0)[0].text, "a");
  const std::vector<Answer> empty = at(-100.0);  // although its score is the lowest
  EXPECT_EQ(empty[0].text, "");
  EXPECT_EQ(empty[1].text, "a");
  EXPECT_LT(empty[0].score, empty[1].score);
  EXPECT_EQ(empty.size(), 4u);
}

TEST_F(QuestionAnswering, TrainingNotesQuestionsWithoutAnAnswer) {
  EXPECT_FALSE(train("t.jsonl", line("1", kAnswerA)).reading.empty_answers);
  EXPECT_TRUE(train("t.jsonl", line("1", kAnswerA) + line("2", "[]")).reading.empty_answers);
  reading_.empty_answers = true;
  EXPECT_TRUE(train("t.jsonl", line("1", kAnswerA)).reading.empty_answers);
}

}  // namespace
}  // namespace bertune
