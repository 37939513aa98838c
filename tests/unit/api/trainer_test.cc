// SPDX-License-Identifier: Apache-2.0
// The documented calls of Trainer and Predictor, on a model that learns eight windows by heart.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "bertune/bertune.h"
#include "end_to_end/tiny_squad.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

TrainOptions options_in(const TemporaryFolder& folder) {
  TrainOptions options{
      .task = "question_answering",
      .model = tiny_model().string(),
      .train_dataset = put_file(folder / "train.jsonl", tiny_squad_lines()).string()};
  options.eval_dataset = options.train_dataset;
  options.output_dir = (folder / "out").string();
  options.epochs = 60;
  options.batch_size = 8;
  options.learning_rate = 1e-2;
  options.dropout = 0.0;
  options.text = {.max_seq_length = 26, .doc_stride = 4};
  options.compute = {.precision = "fp32", .threads = 1};
  return options;
}

const TrainArguments kQuiet = {.events = TrainEvents{}};

Answer answer_of(const Predictions& predictions, size_t input = 0) {
  return std::get<Answer>(predictions.at(input).at(0));
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.message() + " / " + error.hint();
  }
  return "no error";
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

// One training for all tests that only look at what it left.
class Trained : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    result_ = new TrainResult(Trainer(options_in(*folder_)).train(kQuiet));
  }
  static void TearDownTestSuite() {
    delete result_;
    delete folder_;
  }
  static inline const TemporaryFolder* folder_ = nullptr;
  static inline const TrainResult* result_ = nullptr;
};

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

TEST_F(Trained, PredictorTakesTextsAndPairsAndKeepsTheirOrder) {
  const Predictor predictor(result_->checkpoint.string());
  std::vector<Input> inputs;
  for (int i = 0; i < 600; ++i) {
    inputs.push_back("m n o p q r - n");
    inputs.push_back(ContextQuestion{"a b c d e f", "d"});
  }
  const Predictions predictions = predictor.predict(inputs);
  ASSERT_EQ(predictions.size(), inputs.size());
  const Predictions alone = predictor.predict({inputs[0], inputs[1]}, 3);
  EXPECT_EQ(alone[0].size(), 3u);
  EXPECT_NE(answer_of(alone).text, answer_of(alone, 1).text);
  for (size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(answer_of(predictions, i).text, answer_of(alone, i % 2).text) << i;
  }
}

TEST_F(Trained, ThreadsShareAPredictor) {
  const Predictor predictor(result_->checkpoint.string(), {.compute = {.threads = 1}});
  std::vector<std::thread> threads;
  std::vector<std::string> texts(4);
  for (size_t i = 0; i < texts.size(); ++i) {
    threads.emplace_back([&, i] {
      for (int call = 0; call < 20; ++call) {
        texts[i] = answer_of(predictor.predict({"m n o p q r - n"})).text;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_EQ(text, "o");
}

TEST_F(Trained, PredictorSaysWhichInputIsWrong) {
  const Predictor predictor(result_->checkpoint.string());
  expect_in("input 1: no dash", message_of([&] { predictor.predict({"a - b", "no question"}); }));
  expect_in("input 0: ", message_of([&] { predictor.predict({TextPair{"a", "b"}}); }));
  expect_in("--top-k", message_of([&] { predictor.predict({"a - b"}, 0); }));
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
  options.epochs = 4;
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
  options.eval_dataset.clear();
  expect_in("eval_dataset", message_of([&] { Trainer(options).evaluate(); }));
  options.train_dataset = "/no/such/folder";
  expect_in("/no/such/folder", message_of([&] { Trainer(options).train(kQuiet); }));
  options.learning_rate = -1.0;
  expect_in("--learning-rate", message_of([&] { Trainer trainer(options); }));
}

TEST(TrainerCalls, AModelOfNoTaskAnswersOnlyWhenTheTaskIsNamed) {
  const TemporaryFolder folder;
  std::filesystem::copy(tiny_model(), folder / "model");
  std::string config = get_file(folder / "model/config.json");
  const std::string architecture = "BertForQuestionAnswering";
  config.replace(config.find(architecture), architecture.size(), "BertModel");
  put_file(folder / "model/config.json", config);
  const std::string model = (folder / "model").string();
  expect_in("it is a BertModel", message_of([&] { Predictor predictor(model); }));
  const Predictor predictor(model, {.task = "question_answering"});
  EXPECT_EQ(predictor.predict({"a - b"}).size(), 1u);
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
