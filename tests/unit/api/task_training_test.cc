// SPDX-License-Identifier: Apache-2.0
// The documented calls for the other tasks, on a tiny model that memorises a few texts.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bertune/bertune.h"
#include "end_to_end/tiny_squad.h"
#include "expect_error.h"
#include "formats/model_files.h"
#include "predict/results_json.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

class TaskTraining : public testing::Test {
 protected:
  TrainOptions options(const std::string& task, const std::string& name,
                       std::string_view data) const {
    const std::string file = put_file(folder_ / name, data).string();
    TextOptions text{.max_seq_length = 12};
    if (task == "token_classification" || task == "question_answering") text.doc_stride = 4;
    return {.task = task,
            .model = tiny_model().string(),
            .train_dataset = file,
            .eval_dataset = file,
            .output_dir = (folder_ / "out").string(),
            .text = text,
            .optimizer = {.epochs = 40,
                          .batch_size = 8,
                          .learning_rate = 1e-2,
                          .final_learning_rate = 0.0,
                          .dropout = 0.0},
            .compute = {.precision = "fp32", .threads = 1}};
  }

  std::map<std::string, double> train_and_evaluate(Trainer& trainer) const {
    trainer.train({.events = TrainEvents{}});
    const Evaluation evaluation = trainer.evaluate({.eval_checkpoint = true});
    return {evaluation.metrics.begin(), evaluation.metrics.end()};
  }

  BertConfig written_config(const Trainer& trainer) const {
    std::filesystem::path last;
    for (const auto& name : names_in(trainer.options().output_dir)) {
      if (name.starts_with("checkpoint-")) last = name;
    }
    return read_config(find_model_files(trainer.options().output_dir / last));
  }

  const TemporaryFolder folder_;
};

TEST_F(TaskTraining, LearnsTheLabelsOfTexts) {
  Trainer trainer(
      options("text_classification", "t.csv", "text,label\na b,yes\nc d,no\ne f,yes\ng h,no\n"));
  EXPECT_DOUBLE_EQ(train_and_evaluate(trainer).at("accuracy"), 1.0);
  const Predictions predictions =
      trainer.predict({.predict_checkpoint = true, .input_data = {"a b", "g h"}, .top_k = 1});
  EXPECT_EQ(std::get<LabelScore>(predictions[0][0]).label, "yes");
  EXPECT_EQ(std::get<LabelScore>(predictions[1][0]).label, "no");
  EXPECT_EQ(written_config(trainer).id2label,
            (std::map<int64_t, std::string>{{0, "no"}, {1, "yes"}}));
}

TEST_F(TaskTraining, LearnsSeveralLabelsOfTexts) {
  TrainOptions several =
      options("text_classification", "t.csv", "text,label\na b,x;y\nc d,\ne f,y\ng h,x\n");
  several.data.label_separator = ";";
  several.optimizer.epochs = 120;
  Trainer trainer(several);
  EXPECT_DOUBLE_EQ(train_and_evaluate(trainer).at("accuracy"), 1.0);
  const BertConfig config = written_config(trainer);
  EXPECT_EQ(config.problem_type, "multi_label_classification");
  EXPECT_EQ(config.id2label, (std::map<int64_t, std::string>{{0, "x"}, {1, "y"}}));
  const Predictions predictions =
      trainer.predict({.predict_checkpoint = true, .input_data = {"a b", "c d", "g h"}});
  EXPECT_EQ(predictions[0].size(), 2u);
  EXPECT_TRUE(predictions[1].empty());
  EXPECT_EQ(std::get<LabelScore>(predictions[2].at(0)).label, "x");
}

TEST_F(TaskTraining, PredictsATableWithTheColumnsOfTraining) {
  TrainOptions options_of_columns =
      options("text_classification", "t.csv", "kind,tweet,other\nyes,a b,x\nno,c d,x\n");
  options_of_columns.data.text_column = "tweet";
  options_of_columns.data.label_column = "kind";
  Trainer trainer(options_of_columns);
  EXPECT_DOUBLE_EQ(train_and_evaluate(trainer).at("accuracy"), 1.0);
  const Predictor& predictor = trainer.predictor(true);
  InputReader reader =
      predictor.read_inputs(put_file(folder_ / "p.tsv", "text\ttweet\nx\tc d\ny\ta b\n").string());
  const std::vector<Input> inputs = reader.next(5);
  const Predictions predictions = predictor.predict({.inputs = inputs});
  ASSERT_EQ(predictions.size(), 2u);
  EXPECT_EQ(std::get<LabelScore>(predictions[0][0]).label, "no");
  EXPECT_EQ(std::get<LabelScore>(predictions[1][0]).label, "yes");
}

TEST_F(TaskTraining, LearnsPairsAndSplitsThemAtADash) {
  Trainer trainer(options("text_classification", "t.csv",
                          "text,text_pair,label\na,b,yes\nb,c,no\nc,d,yes\nd,e,no\n"));
  EXPECT_DOUBLE_EQ(train_and_evaluate(trainer).at("accuracy"), 1.0);
  EXPECT_TRUE(written_config(trainer).text_pairs);
  const Predictions predictions =
      trainer.predict({.predict_checkpoint = true, .input_data = {"a - b", TextPair{"b", "c"}}});
  EXPECT_EQ(std::get<LabelScore>(predictions[0][0]).label, "yes");
  EXPECT_EQ(std::get<LabelScore>(predictions[1][0]).label, "no");
}

TEST_F(TaskTraining, LearnsNumbers) {
  TrainOptions numbers =
      options("text_classification", "t.csv", "text,label\na,0.5\nb,1.5\nc,2.5\n");
  numbers.optimizer.epochs = 300;  // the squared error falls slowly through a tanh
  Trainer trainer(numbers);
  EXPECT_GT(train_and_evaluate(trainer).at("pearson"), 0.95);
  EXPECT_EQ(written_config(trainer).problem_type, "regression");
}

// The correlation with constant numbers is not defined.
TEST_F(TaskTraining, AMetricThatIsNotDefinedIsNeverTheBest) {
  TrainOptions constant = options("text_classification", "t.csv", "text,label\na,0.5\nb,0.5\n");
  constant.optimizer.epochs = 2;
  constant.validation.eval_epochs = 1;
  Trainer trainer(constant);
  EXPECT_FALSE(trainer.train({.events = TrainEvents{}}).best_checkpoint.has_value());
  const Evaluation evaluation = trainer.evaluate({.eval_checkpoint = true});
  EXPECT_EQ(evaluation_json(evaluation),
            "{\"Text Classification Metric\": {\"pearson\": null, \"spearmanr\": null}}");
  EXPECT_EQ(evaluation_line(evaluation),
            "Text Classification Metric = {'pearson': nan, 'spearmanr': nan}");
}

TEST_F(TaskTraining, LearnsTags) {
  Trainer trainer(options("token_classification", "t.conll",
                          "a B-X\nb I-X\nc O\n\nd O\ne B-Y\n\nf O\ng O\na B-X\n"));
  EXPECT_DOUBLE_EQ(train_and_evaluate(trainer).at("f1"), 1.0);
  const Predictions predictions =
      trainer.predict({.predict_checkpoint = true, .input_data = {"a b c"}});
  ASSERT_EQ(predictions[0].size(), 1u);
  EXPECT_EQ(std::get<TaggedEntity>(predictions[0][0]).word, "a b");
}

TEST_F(TaskTraining, LearnsWords) {
  TrainOptions given = options("fill_mask", "t.txt", "a b c d e f\n\nb c d e f g\n");
  given.optimizer.epochs = 150;
  given.masking.mask_probability = 0.3;
  Trainer trainer(given);
  EXPECT_LT(train_and_evaluate(trainer).at("perplexity"), 5.0);
  const Predictions predictions =
      trainer.predict({.predict_checkpoint = true, .input_data = {"a b [MASK] d e f"}});
  ASSERT_EQ(predictions[0].size(), 5u);
  const std::string text = predictions_json(
      trainer.predict({.predict_checkpoint = true, .input_data = {"a [MASK] c [MASK] e f"}}),
      /*flat=*/false);
  EXPECT_TRUE(text.starts_with("[[[{\"score\": ")) << text;
}

TEST_F(TaskTraining, LearnsThatAQuestionHasNoAnswer) {
  const std::string begin = R"({"context": "a b c d e f", "question": ")";
  Trainer trainer(options("question_answering", "t.jsonl",
                          begin + R"(b", "answers": {"text": ["c"], "answer_start": [4]}})" + "\n" +
                              begin + R"(z", "answers": []})" + "\n"));
  train_and_evaluate(trainer);
  EXPECT_TRUE(written_config(trainer).empty_answers);
  const Predictions predictions = trainer.predict(
      {.predict_checkpoint = true,
       .input_data = {ContextQuestion{"a b c d e f", "b"}, ContextQuestion{"a b c d e f", "z"}}});
  EXPECT_EQ(std::get<Answer>(predictions[0][0]).text, "c");
  EXPECT_EQ(std::get<Answer>(predictions[1][0]).text, "");
}

TEST_F(TaskTraining, TakesTheRecipeOfTheTask) {
  const TrainOptions given{.task = "token_classification"};
  const TrainOptions options = Trainer(given).options();
  EXPECT_EQ(options.optimizer.epochs, 3);
  EXPECT_EQ(options.optimizer.batch_size, 24);
  EXPECT_EQ(options.text.max_seq_length, 128);
}

TEST_F(TaskTraining, KeepsTheLabelsOfATunedModel) {
  TrainOptions given =
      options("text_classification", "t.csv", "text,label\na,yes\nb,no\nc,yes\nd,no\n");
  given.data.labels = "yes,no";
  const TrainResult first = Trainer(given).train({.events = TrainEvents{}});
  given.data.labels = "";
  given.model = first.checkpoint.string();
  given.output_dir = (folder_ / "again").string();
  Trainer trainer(given);
  trainer.train({.events = TrainEvents{}});
  EXPECT_EQ(written_config(trainer).id2label.at(0), "yes");
  given.train_dataset = put_file(folder_ / "u.csv", "text,label\na,yes\nb,maybe\n").string();
  expect_error(ErrorKind::kInput, {"label 'maybe' is not one of yes, no"},
               [&] { Trainer(given).train({.events = TrainEvents{}}); });
  given.start.new_head = true;
  given.eval_dataset = given.train_dataset;
  Trainer other(given);
  other.train({.events = TrainEvents{}});
  EXPECT_EQ(written_config(other).id2label,
            (std::map<int64_t, std::string>{{0, "maybe"}, {1, "yes"}}));
}

}  // namespace
}  // namespace bertune
