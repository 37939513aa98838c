// SPDX-License-Identifier: Apache-2.0
// The public calls of Predictor.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "unit/api/trained.h"

namespace bertune {
namespace {

TEST_F(Trained, PredictorTakesTextsAndPairsAndKeepsTheirOrder) {
  const Predictor predictor(result_->checkpoint.string());
  std::vector<Input> inputs;
  for (int i = 0; i < 600; ++i) {
    inputs.push_back("m n o p q r - n");
    inputs.push_back(ContextQuestion{"a b c d e f", "d"});
  }
  const Predictions predictions = predictor.predict({.inputs = inputs});
  ASSERT_EQ(predictions.size(), inputs.size());
  const Predictions alone = predictor.predict({.inputs = std::span(inputs).first(2), .top_k = 3});
  EXPECT_EQ(alone[0].size(), 3u);
  EXPECT_NE(answer_of(alone).text, answer_of(alone, 1).text);
  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(answer_of(predictions, i).text, answer_of(alone, i % 2).text) << i;
  }
}

TEST_F(Trained, ThreadsShareAPredictor) {
  const Predictor predictor(result_->checkpoint.string(), {.compute = {.threads = 1}});
  const std::vector<Input> inputs{"m n o p q r - n"};
  std::vector<std::thread> threads;
  std::vector<std::string> texts(4);
  for (size_t i = 0; i < texts.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int call = 0; call < 20; ++call) {
        texts[i] = answer_of(predictor.predict({.inputs = inputs})).text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, "o");
}

std::ptrdiff_t threads_of_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return std::distance(begin(tasks), end(tasks));
}

TEST_F(Trained, ManyCallersShareOnePoolOfThreads) {
  const std::ptrdiff_t before = threads_of_process();
  const Predictor one(result_->checkpoint.string(), {.compute = {.threads = 2}});
  const Predictor other(result_->checkpoint.string(), {.compute = {.threads = 2}});
  constexpr int kCallers = 16;
  std::barrier answered(kCallers + 1), counted(kCallers + 1);
  const std::vector<Input> inputs(80, "m n o p q r - n");  // enough for tokenizing in parallel
  std::vector<std::thread> callers;
  for (int caller = 0; caller < kCallers; ++caller) {
    callers.emplace_back([&, caller] {
      const Predictor& predictor = caller % 2 == 0 ? one : other;
      EXPECT_EQ(answer_of(predictor.predict({.inputs = inputs})).text, "o");
      answered.arrive_and_wait();
      counted.arrive_and_wait();
    });
  }
  answered.arrive_and_wait();
  EXPECT_LE(threads_of_process(), before + kCallers + 2);  // the compute thread and one beside it
  counted.arrive_and_wait();
  for (std::thread& caller : callers) caller.join();
}

// The child would otherwise wait for a thread or a lock that it does not have.
TEST_F(Trained, AProcessForkedDuringPredictionsPredicts) {
  const Predictor predictor(result_->checkpoint.string(), {.compute = {.threads = 2}});
  const std::vector<Input> inputs(80, "m n o p q r - n");
  const auto answers = [&] { return answer_of(predictor.predict({.inputs = inputs})).text == "o"; };
  std::atomic<bool> over = false;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 2; ++caller) {
    callers.emplace_back([&] {
      while (!over) EXPECT_TRUE(answers());
    });
  }
  for (int fork = 0; fork < 5; ++fork) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::alarm(30);
      ::_exit(answers() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
  over = true;
  for (std::thread& caller : callers) caller.join();
}

TEST_F(Trained, PredictorSaysWhichInputIsWrong) {
  const Predictor predictor(result_->checkpoint.string());
  const std::vector<Input> no_question{"a - b", "no question"}, pair{TextPair{"a", "b"}};
  const auto refusal = [&](const PredictRequest& request) {
    return message_of([&] { predictor.predict(request); });
  };
  expect_in("input 1: no dash", refusal({.inputs = no_question}));
  expect_in("input 1025: no dash", refusal({.inputs = no_question, .first_input = 1024}));
  expect_in("input 0: ", refusal({.inputs = pair}));
  expect_in("top_k is 0", refusal({.inputs = std::span(no_question).first(1), .top_k = 0}));
}

TEST(PredictorCalls, AModelOfNoTaskAnswersOnlyWhenTheTaskIsNamed) {
  const TemporaryFolder folder;
  std::filesystem::copy(tiny_model(), folder / "model");
  std::string config = get_file(folder / "model/config.json");
  const std::string architecture = "BertForQuestionAnswering";
  config.replace(config.find(architecture), architecture.size(), "BertModel");
  put_file(folder / "model/config.json", config);
  const std::string model = (folder / "model").string();
  expect_in("it is a BertModel", message_of([&] { Predictor predictor(model); }));
  const Predictor predictor(model, {.task = "question_answering"});
  const std::vector<Input> inputs{"a - b"};
  EXPECT_EQ(predictor.predict({.inputs = inputs}).size(), 1u);
}

TEST_F(Trained, PredictorEvaluatesAndWritesTheFilesThatTheRequestNames) {
  const TemporaryFolder folder;
  const Predictor predictor(result_->checkpoint.string());
  const std::string data = options_in(folder).eval_dataset.path;
  const std::string answers = (folder / "answers.json").string();
  const std::string nbest = (folder / "nbest.json").string();
  int64_t windows = 0;
  const Evaluation evaluation =
      predictor.evaluate({.eval_dataset = data, .files = {.predictions = answers, .nbest = nbest}},
                         [&](const EvaluateProgress& progress) { windows = progress.windows; });
  EXPECT_EQ(evaluation.name, "QA Metric");
  EXPECT_EQ(windows, 8);
  EXPECT_EQ(nlohmann::json::parse(get_file(answers))["q1"], "e");
  EXPECT_EQ(nlohmann::json::parse(get_file(nbest)).size(), 8u);
  const Evaluation scored = score({.predictions = answers, .eval_dataset = data});
  EXPECT_EQ(scored.name, evaluation.name);
  EXPECT_EQ(scored.metrics, evaluation.metrics);
  expect_in("eval_dataset is missing", message_of([&] { predictor.evaluate({}); }));
  expect_in("confusion is c, but question_answering does not use it", message_of([&] {
              predictor.evaluate({.eval_dataset = data, .files = {.confusion = "c"}});
            }));
}

TEST_F(Trained, WhatProgressThrowsEndsTheEvaluation) {
  const TemporaryFolder folder;
  const Predictor predictor(result_->checkpoint.string());
  const std::string data = options_in(folder).eval_dataset.path;
  const std::string answers = (folder / "answers.json").string();
  const EvaluateRequest request{.eval_dataset = data, .files = {.predictions = answers}};
  EXPECT_THROW(predictor.evaluate(request, [](const EvaluateProgress&) { throw 7; }), int);
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"train.jsonl"});
  EXPECT_EQ(predictor.evaluate(request).metrics.size(), 2u);
}

TEST_F(Trained, PredictorWritesItsTraceWhenItIsDestroyed) {
  const TemporaryFolder folder;
  const std::filesystem::path trace = folder / "trace.json";
  const std::vector<Input> inputs{"m n o p q r - n"};
  {
    const Predictor predictor(result_->checkpoint.string(),
                              {.compute = {.threads = 1, .trace = trace.string()}});
    predictor.predict({.inputs = inputs});
    EXPECT_FALSE(std::filesystem::exists(trace));
  }
  EXPECT_FALSE(nlohmann::json::parse(get_file(trace))["traceEvents"].empty());

  const std::string unwritable = (put_file(folder / "file", "x") / "trace.json").string();
  expect_in("file", message_of([&] {
              Predictor(result_->checkpoint.string(), {.compute = {.trace = unwritable}});
            }));
}

}  // namespace
}  // namespace bertune
