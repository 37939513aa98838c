// SPDX-License-Identifier: Apache-2.0
// The functions besides Trainer and Predictor: score, checkpoints, tasks, exports, inputs from a
// file.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "unit/api/trained.h"

namespace bertune {
namespace {

using Names = std::vector<std::string>;

TEST(Score, NamesWhatIsMissingOrOfNoUse) {
  expect_in("predictions is missing", message_of([] { score({.eval_dataset = "x"}); }));
  expect_in("eval_dataset is missing", message_of([] { score({.predictions = "x"}); }));
  expect_in("did you mean question_answering", message_of([] {
              score({.task = "question_answring", .predictions = "x", .eval_dataset = "x"});
            }));
  expect_in("predictions is x, but fill_mask does not use it", message_of([] {
              score({.task = "fill_mask", .predictions = "x", .eval_dataset = "x"});
            }));
  expect_in("text_column is t, but question_answering does not use it", message_of([] {
              score({.predictions = "x", .eval_dataset = "x", .data = {.text_column = "t"}});
            }));
  expect_in("/no/file",
            message_of([] { score({.predictions = "/no/file", .eval_dataset = "x"}); }));
}

TEST_F(Trained, FindCheckpointKnowsTheLastAndTheBest) {
  const std::string output = (*folder_ / "out").string();
  EXPECT_EQ(find_checkpoint(output), result_->checkpoint);
  EXPECT_EQ(find_checkpoint(output, "last"), result_->checkpoint);
  expect_in("no best checkpoint", message_of([&] { find_checkpoint(output, "best"); }));
  expect_in("there is no checkpoint called 'first'",
            message_of([&] { find_checkpoint(output, "first"); }));
  expect_in("there is no complete checkpoint in '/no/output'",
            message_of([] { find_checkpoint("/no/output"); }));
}

TEST(FindCheckpoint, FindsTheBest) {
  const TemporaryFolder folder;
  TrainOptions options = options_in(folder);
  options.optimizer.epochs = 4;
  options.optimizer.learning_rate = 1e-30;  // so that no evaluation is better than the first
  options.validation.eval_epochs = 1;
  const TrainResult result = Trainer(options).train(kQuiet);
  ASSERT_TRUE(result.best_checkpoint.has_value());
  EXPECT_EQ(result.best_checkpoint->filename(), "checkpoint-1");
  EXPECT_EQ(find_checkpoint(options.output_dir, "best"), *result.best_checkpoint);
  EXPECT_EQ(find_checkpoint(options.output_dir, "last"), result.checkpoint);
}

TEST(Tasks, AreListedWithTheirRecipes) {
  Names names;
  for (const TaskSummary& task : tasks()) {
    names.push_back(task.name);
    EXPECT_FALSE(task.help.empty());
    EXPECT_GE(task.recipe.epochs, 1);
  }
  EXPECT_EQ(names, (Names{"question_answering", "text_classification", "token_classification",
                          "fill_mask"}));
  EXPECT_EQ(find_task("question_answering").metric_name, "QA Metric");
  EXPECT_EQ(find_task("question_answering").main_metric, "f1");
  expect_in("did you mean fill_mask", message_of([] { find_task("fil_mask"); }));
}

TEST(Tasks, OfASinglePredictionAreFlatUnlessMoreAreAskedFor) {
  const TaskSummary answers = find_task("question_answering"), words = find_task("fill_mask");
  EXPECT_TRUE(is_flat(answers, {}));
  EXPECT_TRUE(is_flat(answers, 1));
  EXPECT_FALSE(is_flat(answers, 2));
  EXPECT_FALSE(is_flat(words, {}));
  EXPECT_FALSE(is_flat(words, 1));
}

TEST(ExportModel, ReturnsThePathAndNamesWhatIsMissing) {
  const TemporaryFolder folder;
  const std::string model = tiny_model().string(), output = (folder / "exported").string();
  EXPECT_EQ(export_model({.model = model, .output = output}), output);
  EXPECT_TRUE(std::filesystem::exists(folder / "exported/model.safetensors"));
  expect_in("model is missing", message_of([&] { export_model({.output = output}); }));
  expect_in("output is missing", message_of([&] { export_model({.model = model}); }));
  expect_in("did you mean onnx", message_of([&] {
              export_model({.model = model, .format = "onxx", .output = output});
            }));
  expect_in("set format=mindspore, or choose another output", message_of([&] {
              export_model({.model = model, .format = "onnx", .output = output + ".ckpt"});
            }));
}

TEST(InputsOfAFile, ComeInParts) {
  const TemporaryFolder folder;
  const std::string file =
      put_file(folder / "inputs.jsonl",
               "\"a b - a\"\n\n{\"context\": \"a b\", \"question\": \"b\"}\n\"no dash\"\n")
          .string();
  InputReader first(file, "question_answering");
  InputReader reader = std::move(first);
  const std::vector<Input> part = reader.next(2);
  ASSERT_EQ(part.size(), 2u);
  EXPECT_EQ(std::get<std::string>(part[0]), "a b - a");
  EXPECT_EQ(std::get<ContextQuestion>(part[1]).question, "b");
  expect_in("line 4", message_of([&] { reader.next(2); }));
  expect_in("/no/file", message_of([] { InputReader("/no/file", "question_answering"); }));
  expect_in("did you mean fill_mask", message_of([&] { InputReader(file, "fill_masks"); }));
}

// The texts of a file, read for a task without a model.
std::vector<Input> read_table(const std::string& name, std::string_view content,
                              const std::string& task = "text_classification") {
  const TemporaryFolder folder;
  return InputReader(put_file(folder / name, content).string(), task).next(10);
}

TEST(InputsOfATable, AreTheTextsOfItsRows) {
  const std::vector<Input> texts = read_table("a.csv", "id,text\n1,\"a, b\"\n2,c\n");
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(std::get<std::string>(texts[0]), "a, b");
  const std::vector<Input> pairs = read_table("a.tsv", "label\tpremise\thypothesis\n0\ta\t\"b\n");
  EXPECT_EQ(std::get<TextPair>(pairs.at(0)).text_pair, "\"b");
  const std::vector<Input> tagged = read_table("a.csv", "content\na b\n", "token_classification");
  EXPECT_EQ(std::get<std::string>(tagged.at(0)), "a b");
  // GLUE's CoLA has no header.
  const std::vector<Input> cola = read_table("a.tsv", "g\t1\t\tfirst\ng\t0\t*\tsecond\n");
  ASSERT_EQ(cola.size(), 2u);
  EXPECT_EQ(std::get<std::string>(cola[0]), "first");
  EXPECT_TRUE(read_table("a.csv", "").empty());
}

TEST(InputsOfATable, SayWhatIsMissing) {
  expect_in("line 3: 1 fields, but the first row has 2",
            message_of([] { read_table("a.csv", "text,x\na,b\nc\n"); }));
  expect_in("no column looks like a text",
            message_of([] { read_table("a.csv", "x,y,z\na,b,c\n"); }));
  expect_in("fill_mask reads JSON lines only",
            message_of([] { read_table("a.tsv", "text\na\n", "fill_mask"); }));
  expect_in("/no/file.csv", message_of([] { InputReader("/no/file.csv", "text_classification"); }));
}

TEST(LoadTokenizer, TakesAFolderAndACasing) {
  const std::string model = tiny_model().string();
  EXPECT_EQ(encode(load_tokenizer(model), "A").tokens, (Names{"[CLS]", "a", "[SEP]"}));
  EXPECT_EQ(encode(load_tokenizer(model, false), "A").tokens, (Names{"[CLS]", "[UNK]", "[SEP]"}));
  expect_in("/no/model", message_of([] { load_tokenizer("/no/model"); }));
  EXPECT_EQ(pull(model), model);
}

}  // namespace
}  // namespace bertune
