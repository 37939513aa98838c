// SPDX-License-Identifier: Apache-2.0
// The documented calls of Trainer, on a model that memorises eight windows.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "unit/api/trained.h"

namespace bertune {
namespace {

TEST_F(Trained, EvaluatesTheLastCheckpoint) {
  Trainer trainer(options_in(*folder_));
  const Evaluation evaluation = trainer.evaluate({.eval_checkpoint = true});
  EXPECT_EQ(evaluation.name, "QA Metric");
  const Metrics expected = {{"exact_match", 100.0}, {"f1", 100.0}};
  EXPECT_EQ(evaluation.metrics, expected);
}

TEST_F(Trained, EvaluatesAPath) {
  TrainOptions options = options_in(*folder_);
  options.output_dir = "nowhere";
  Trainer trainer(options);
  EXPECT_EQ(trainer.evaluate({.eval_checkpoint = result_->checkpoint.string()}).metrics[0].second,
            100.0);
}

TEST_F(Trained, PredictsWithTheLastCheckpoint) {
  Trainer trainer(options_in(*folder_));
  const Predictions predictions =
      trainer.predict({.predict_checkpoint = true, .input_data = {"m n o p q r - n"}});
  const Answer answer = answer_of(predictions);
  EXPECT_EQ(answer.text, "o");
  EXPECT_EQ(answer.start, 4);
  EXPECT_EQ(answer.end, 5);
  EXPECT_GT(answer.score, 0.5);
}

TEST_F(Trained, ExamplesOfAProgramTrainTheSameModelAsTheirFile) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  const std::thread::id here = std::this_thread::get_id();
  const ExampleSource source = [here]() -> NextExample {
    return [here,
            lines = std::make_shared<std::istringstream>(tiny_squad_lines())](std::string& json) {
      EXPECT_EQ(std::this_thread::get_id(), here);
      return static_cast<bool>(std::getline(*lines, json));
    };
  };
  options.train_dataset = source;
  options.eval_dataset = {source, "questions"};
  Trainer trainer(options);
  const TrainResult result = trainer.train(kQuiet);
  EXPECT_EQ(get_file(result.checkpoint / "model.safetensors"),
            get_file(result_->checkpoint / "model.safetensors"));
  EXPECT_EQ(trainer.evaluate({}).metrics[0].second, 100.0);
  const Predictor predictor(result_->checkpoint.string());
  EXPECT_EQ(predictor.evaluate({.eval_dataset = source}).metrics[0].second, 100.0);
}

TEST(TrainerCalls, CallbacksRunOnTheCallersThreadAndMayPredict) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  options.optimizer.epochs = 3;
  options.validation.eval_epochs = 1;
  options.checkpoints.save_steps = 1;
  std::vector<std::thread::id> ids;
  const auto here = [&] { ids.push_back(std::this_thread::get_id()); };
  const Predictor predictor(tiny_model().string(), {.compute = {.threads = 2}});
  const std::vector<Input> inputs(80, "a - b");
  const TrainEvents events{.started = [&](const SettingsTable&) { here(); },
                           .step =
                               [&](const StepReport&) {
                                 here();
                                 EXPECT_EQ(predictor.predict({.inputs = inputs}).size(), 80u);
                               },
                           .epoch = [&](const EpochReport&) { here(); },
                           .saved = [&](const std::filesystem::path&) { here(); },
                           .evaluating = [&](const EvaluateProgress&) { here(); },
                           .evaluated = [&](int64_t, const Evaluation&) { here(); },
                           .stop =
                               [&] {
                                 here();
                                 return false;
                               }};
  Trainer(options).train({.events = events});
  EXPECT_GT(ids.size(), 20u);
  EXPECT_EQ(std::count(ids.begin(), ids.end(), std::this_thread::get_id()),
            static_cast<std::ptrdiff_t>(ids.size()));
}

TEST(TrainerCalls, PredictionsBesideATrainingChangeNoneOfItsBits) {
  const TemporaryFolder alone_folder, beside_folder;
  const auto train_in = [](const TemporaryFolder& folder) {
    TrainOptions options = options_in(folder);
    options.optimizer.epochs = 10;
    return get_file(Trainer(options).train(kQuiet).checkpoint / "model.safetensors");
  };
  const std::string alone = train_in(alone_folder);
  const Predictor predictor(tiny_model().string(), {.compute = {.threads = 2}});
  std::atomic<bool> over = false;
  std::thread caller([&] {
    const std::vector<Input> inputs(80, "a - b");
    while (!over) EXPECT_EQ(predictor.predict({.inputs = inputs}).size(), 80u);
  });
  EXPECT_EQ(train_in(beside_folder), alone);
  over = true;
  caller.join();
}

TEST(TrainerCalls, AfterTrainingItsOwnWeightsAnswer) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  Trainer trainer(options);
  trainer.train({.resume_or_finetune_from_checkpoint = tiny_model().string(),
                 .do_finetune = true,
                 .events = TrainEvents{}});
  EXPECT_EQ(answer_of(trainer.predict({.input_data = {"m n o p q r - n"}})).text, "o");
  EXPECT_EQ(trainer.evaluate().metrics[0].second, 100.0);
}

TEST(TrainerCalls, TrueGoesOnWithTheLastCheckpointAndATextWithThatOne) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  options.optimizer.epochs = 4;
  const auto stop_after = [](int64_t steps) {
    return TrainEvents{.stop = [=]() mutable { return --steps == 0; }};
  };
  Trainer trainer(options);
  EXPECT_TRUE(trainer.train({.events = stop_after(1)}).stopped);
  const TrainArguments go_on{.resume_or_finetune_from_checkpoint = true, .events = TrainEvents{}};
  EXPECT_EQ(trainer.train(go_on).checkpoint, folder / "out/checkpoint-4");
  const std::string last = get_file(folder / "out/checkpoint-4/model.safetensors");

  std::vector<double> losses;
  const TrainEvents events{
      .step = [&](const StepReport& report) { losses.push_back(report.loss); }};
  const std::string first = (folder / "out/checkpoint-1").string();
  trainer.train({.resume_or_finetune_from_checkpoint = first, .events = events});
  EXPECT_EQ(losses.size(), 3u);
  EXPECT_EQ(get_file(folder / "out/checkpoint-4/model.safetensors"), last);

  losses.clear();
  trainer.train(
      {.resume_or_finetune_from_checkpoint = first, .do_finetune = true, .events = events});
  EXPECT_EQ(losses.size(), 4u) << "a run of its own";
  EXPECT_NE(get_file(folder / "out/checkpoint-4/model.safetensors"), last);
}

// Resuming is requested by the call, not by the options.
TEST(TrainerCalls, ResumeAnywayGoesWithACallThatResumes) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  options.optimizer.epochs = 2;
  Trainer(options).train(kQuiet);
  options.optimizer.epochs = 3;
  const TrainArguments resume{.resume_or_finetune_from_checkpoint = true, .events = TrainEvents{}};
  expect_in("epochs: 2 there, 3 here", message_of([&] { Trainer(options).train(resume); }));
  options.start.resume_anyway = true;
  Trainer trainer(options);
  EXPECT_EQ(trainer.train(resume).steps, 3);
  expect_in("resume_anyway is given without resume or resume_from",
            message_of([&] { trainer.train(kQuiet); }));
}

TEST(TrainerCalls, MistakesAreNamed) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  expect_in("no complete checkpoint",
            message_of([&] { Trainer(options).evaluate({.eval_checkpoint = true}); }));
  expect_in("no complete checkpoint", message_of([&] {
              Trainer(options).predict({.predict_checkpoint = true, .input_data = {"a - b"}});
            }));
  options.task = "question_answring";
  expect_in("did you mean question_answering", message_of([&] { Trainer trainer(options); }));
  options = options_in(folder);
  options.eval_dataset = {};
  expect_in("eval_dataset", message_of([&] { Trainer(options).evaluate(); }));
  options.train_dataset = "/no/such/folder";
  expect_in("/no/such/folder", message_of([&] { Trainer(options).train(kQuiet); }));
  options.optimizer.learning_rate = -1.0;
  expect_in("learning_rate", message_of([&] { Trainer trainer(options); }));
}

TEST(TrainerCalls, AHeadOfAnotherTaskIsRefusedByName) {
  const std::string model = (tiny_model().parent_path() / "tiny_sequence").string();
  expect_in("tuned for text_classification and not for question_answering",
            message_of([&] { Predictor predictor(model, {.task = "question_answering"}); }));
  TrainOptions options{.task = "token_classification"};
  options.model = model;
  expect_in("tuned for text_classification and not for token_classification",
            message_of([&] { Trainer(options).predict({.input_data = {"a"}}); }));
}

}  // namespace
}  // namespace bertune
