// SPDX-License-Identifier: Apache-2.0
// The options of text classification, token classification and masked language modelling through
// the program, on tiny data. Invalid data is tested in task_data_test.cc.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "end_to_end/program_error.h"
#include "end_to_end/tiny_task.h"

namespace bertune {
namespace {

using nlohmann::json;

class TextTask : public TinyTask {
 protected:
  TextTask() : TinyTask("text_classification") {}
};
class TokenTask : public TinyTask {
 protected:
  TokenTask() : TinyTask("token_classification") {}
};
class MaskTask : public TinyTask {
 protected:
  MaskTask() : TinyTask("fill_mask") {}
};

// The first evaluation that no other one surpasses.
LoggedEvaluation best_of(const std::vector<LoggedEvaluation>& evaluations,
                         const std::string& metric, bool lowest) {
  LoggedEvaluation best = evaluations.at(0);
  for (const LoggedEvaluation& evaluation : evaluations) {
    const double value = evaluation.metrics[metric], best_value = best.metrics[metric];
    if (lowest ? value < best_value : value > best_value) best = evaluation;
  }
  return best;
}

std::string checkpoint_of(const LoggedEvaluation& evaluation) {
  return "checkpoint-" + std::to_string(evaluation.step);
}

TEST_F(TextTask, KeepsTheBestAndStopsWhenItStaysTheBest) {
  const std::string data = put("t.csv", kTexts);
  const std::string log =
      log_of_training(data, {"--eval-dataset", data, "--eval-epochs", "1", "--metric-for-best",
                             "f1_macro", "--early-stopping-patience", "3", "--keep", "1"});
  const LoggedEvaluation best = best_of(evaluations(), "f1_macro", /*lowest=*/false);
  EXPECT_EQ(best.metrics["f1_macro"], 1.0);
  EXPECT_EQ(evaluations().back().step, best.step + 3);
  EXPECT_EQ(evaluations().size(), static_cast<size_t>(best.step) + 3);
  expect_said(log, "3 evaluations in a row did not improve on step " + std::to_string(best.step) +
                       ": training stops early");
  std::vector<std::string> kept{checkpoint_of(best), "checkpoint-" + std::to_string(best.step + 3)};
  std::sort(kept.begin(), kept.end());
  EXPECT_EQ(checkpoints(), kept);
  const ProgramResult scored = evaluate(data, {"--checkpoint", "best"});
  expect_said(scored.err, "evaluating " + path("out/" + checkpoint_of(best)));
  EXPECT_EQ(metrics(data, {"--checkpoint", "best"})["f1_macro"], 1.0);
}

TEST_F(TextTask, LogHasEveryMetricOfEveryEvaluation) {
  const std::string data = put("t.csv", kTexts);
  log_of_training(data, {"--eval-dataset", data, "--eval-steps", "3", "--batch-size", "2",
                         "--epochs", "4"});  // 8 steps
  ASSERT_EQ(evaluations().size(), 2u);
  EXPECT_EQ(evaluations()[0].step, 3);
  EXPECT_EQ(evaluations()[1].step, 6);
  const json metrics = evaluations()[1].metrics;
  for (const char* name : {"accuracy", "f1", "f1_macro", "matthews_correlation"}) {
    EXPECT_TRUE(metrics[name].is_number()) << metrics;
  }
}

TEST_F(TextTask, LabelsAreInTheOrderThatIsGiven) {
  const std::string data = put("t.csv", kTexts);
  log_of_training(data, {"--labels", "yes, no,maybe"});
  EXPECT_EQ(config()["id2label"], json({{"0", "yes"}, {"1", "no"}, {"2", "maybe"}}));
  const std::string one_wrong = put("u.csv", std::string(kTexts) + "a b,maybe\n");
  EXPECT_EQ(metrics(one_wrong, {"--confusion", path("c.json")})["accuracy"], 0.8);
  EXPECT_EQ(
      json::parse(get_file(path("c.json"))),
      json::parse(
          R"({"labels": ["yes", "no", "maybe"], "counts": [[2, 0, 0], [0, 2, 0], [1, 0, 0]]})"));
}

TEST_F(TextTask, ColumnsAreFoundByNameAndByNumber) {
  const Arguments names = {"--text-column", "review", "--label-column", "verdict"};
  const std::string named =
      put("n.tsv", "id\treview\tverdict\n1\ta b\tyes\n2\tc d\tno\n3\te f\tyes\n4\tg h\tno\n");
  log_of_training(named, names);
  EXPECT_EQ(config()["id2label"], json({{"0", "no"}, {"1", "yes"}}));
  EXPECT_EQ(metrics(named, names)["accuracy"], 1.0);

  const Arguments numbers = {"--text-column", "2", "--label-column", "1"};
  EXPECT_EQ(metrics(put("n.csv", "yes,a b\nno,c d\n"), numbers)["accuracy"], 1.0);
  const Arguments keys = {"--text-column", "body", "--label-column", "stars"};
  EXPECT_EQ(metrics(put("n.jsonl", "{\"body\": \"a b\", \"stars\": \"yes\"}\n"), keys)["accuracy"],
            1.0);
}

TEST_F(TextTask, EvaluateRemembersTheColumns) {
  const std::string data = put("t.tsv", "title\ttext\tlabel\tverdict\na\tx\t1\tyes\nb\tx\t2\tno\n");
  log_of_training(data, {"--text-column", "title", "--label-column", "verdict"});
  EXPECT_EQ(config()["data_columns"],
            json({{"text_column", "title"}, {"label_column", "verdict"}}));
  EXPECT_EQ(metrics(data)["accuracy"], 1.0);
  expect_error(evaluate(data, {"--label-column", "label"}), 1, "label '1' is not one of no, yes");
  // A file without these columns is read as if no columns had been given, and so is GLUE's SST-2.
  EXPECT_EQ(metrics(put("u.csv", "text,label\na,yes\nb,no\n"))["accuracy"], 1.0);
  expect_said(evaluate(put("v.tsv", "sentence\tlabel\na\t1\n")).err, "GLUE's SST-2");
}

TEST_F(TextTask, EvaluateRemembersThatThereIsNoHeader) {
  const std::string data = put("t.csv", "yes,a b\nno,c d\n");
  log_of_training(data, {"--text-column", "2", "--label-column", "1"});
  EXPECT_EQ(metrics(data)["accuracy"], 1.0);
  const Arguments names = {"--text-column", "text", "--label-column", "label"};
  EXPECT_EQ(metrics(put("u.csv", "text,label\na b,yes\n"), names)["accuracy"], 1.0);
}

TEST_F(TextTask, PairsHaveASecondColumn) {
  const std::string data = put("p.csv", "q,r,same\na,b,yes\nb,c,no\nc,d,yes\nd,e,no\n");
  log_of_training(data,
                  {"--text-column", "q", "--text-pair-column", "r", "--label-column", "same"});
  EXPECT_EQ(metrics(data)["accuracy"], 1.0);
  const ProgramResult answer = predict({"--input", "a", "--text-pair", "b"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_EQ(json::parse(answer.out)[0]["label"], "yes");
}

TEST_F(TokenTask, EvaluatesWhileItTrains) {
  const std::string data = put("t.conll", kTags);
  log_of_training(data, {"--eval-dataset", data, "--eval-epochs", "2", "--epochs", "6",
                         "--metric-for-best", "X_f1"});
  ASSERT_EQ(evaluations().size(), 3u);
  const json metrics = evaluations()[2].metrics;
  for (const char* name : {"precision", "recall", "f1", "X_f1", "Y_support"}) {
    EXPECT_TRUE(metrics[name].is_number()) << metrics;
  }
  EXPECT_EQ(this->metrics(data, {"--checkpoint", "best"})["X_f1"],
            best_of(evaluations(), "X_f1", /*lowest=*/false).metrics["X_f1"]);
}

// The labels of the model that result from a tagging scheme.
TEST_F(TokenTask, TheSchemeSaysWhichTagsAreLearned) {
  const std::string bioes = put("t.tsv", "B-X\ta\nE-X\tb\nO\tc\n\nS-X\te\n");
  log_of_training(bioes, {"--tag-scheme", "bioes", "--word-column", "2", "--tag-column", "1"});
  EXPECT_EQ(config()["id2label"],
            json({{"0", "O"}, {"1", "B-X"}, {"2", "I-X"}, {"3", "E-X"}, {"4", "S-X"}}));
  EXPECT_EQ(metrics(bioes)["f1"], 1.0);  // the columns are remembered
  EXPECT_EQ(metrics(put("u.conll", "a B-X\nb I-X\nc O\n\ne B-X\n"),
                    {"--word-column", "1", "--tag-column", "2"})["f1"],
            1.0);
}

TEST_F(TokenTask, TheSchemeSaysWhichTagsAreBroken) {
  const std::string data = put("t.conll", kTags);
  const std::string log = log_of_training(data, {"--tag-scheme", "iob1", "--epochs", "1"});
  expect_said(log, "2 tags break IOB1, at line 1 (a B-X), line 6 (e B-Y)");
  EXPECT_EQ(config()["id2label"].size(), 5u);  // the model learns IOB2
}

// A model that predicts I- where the data has B-, because its labels are swapped after training.
TEST_F(TokenTask, StrictTakesOnlyWhatTheTagsSpellOut) {
  const std::string data = put("t.conll", "a B-X\nb O\n\nc O\nd B-X\n");
  log_of_training(data);
  EXPECT_EQ(metrics(data)["f1"], 1.0);
  EXPECT_EQ(metrics(data, {"--strict"})["f1"], 1.0);
  json exchanged = config();
  exchanged["id2label"] = {{"0", "O"}, {"1", "I-X"}, {"2", "B-X"}};
  exchanged["label2id"] = {{"O", 0}, {"I-X", 1}, {"B-X", 2}};
  put_file(only_checkpoint() / "config.json", exchanged.dump());
  EXPECT_EQ(metrics(data)["f1"], 1.0);
  EXPECT_EQ(metrics(data, {"--strict"})["f1"], 0.0);
}

// Scoring a file of predictions gives the metrics of the evaluation that wrote it.
TEST_F(TokenTask, ScoresAFileOfTagsAsStrictlyAsAModel) {
  const std::string data = put("t.conll", "a B-X\nb O\n\nc O\nd B-X\n");
  const std::string tags = put("p.jsonl",
                               "{\"words\": [\"a\", \"b\"], \"tags\": [\"I-X\", \"O\"]}\n"
                               "{\"words\": [\"c\", \"d\"], \"tags\": [\"O\", \"B-X\"]}\n");
  const auto f1 = [&](const Arguments& more) {
    const ProgramResult scored =
        run_program(Arguments{"evaluate", "--json", "--task", "token_classification", "--score",
                              tags, "--eval-dataset", data} +
                    more);
    EXPECT_EQ(scored.exit_code, 0) << scored.err;
    return json::parse(scored.out).front()["f1"].get<double>();
  };
  EXPECT_EQ(f1({}), 1.0);
  EXPECT_DOUBLE_EQ(f1({"--strict"}), 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(f1({"--strict", "--labels", "O,B-X,I-X"}), 2.0 / 3.0);
  EXPECT_EQ(f1({"--strict", "--labels", "O,B-X,I-X,E-X,S-X"}), 0.0);
}

TEST_F(TokenTask, ScoringRefusesWhatItDoesNotUse) {
  const std::string data = put("t.conll", "a B-X\n");
  for (const Arguments& given : {Arguments{"--labels", "O,B-X"}, Arguments{"--text-column", "a"}}) {
    const ProgramResult scored = run_program(Arguments{"evaluate", "--task", "token_classification",
                                                       "--score", data, "--eval-dataset", data} +
                                             given);
    expect_error(scored, 2, given[0] + " is ");
  }
}

TEST_F(MaskTask, TheLowestPerplexityIsTheBest) {
  const std::string data = put("t.txt", kWords);
  log_of_training(data, {"--eval-dataset", data, "--eval-epochs", "5", "--mask-probability", "0.4",
                         "--metric-for-best", "perplexity", "--keep", "1"});
  ASSERT_EQ(evaluations().size(), 8u);
  const LoggedEvaluation best = best_of(evaluations(), "perplexity", /*lowest=*/true);
  const double perplexity = best.metrics["perplexity"];
  EXPECT_LT(perplexity, evaluations()[0].metrics["perplexity"].get<double>());
  const ProgramResult scored = evaluate(data, {"--checkpoint", "best", "--json"});
  expect_said(scored.err, checkpoint_of(best) + "\n");
  EXPECT_NEAR(json::parse(scored.out).front()["perplexity"].get<double>(), perplexity,
              1e-5 * perplexity);
}

// Every word has four tokens, so whole-word masking masks multiples of four.
TEST_F(MaskTask, WholeWordsAreHiddenWithAllTheirPieces) {
  std::string lines;
  for (int line = 0; line < 20; ++line) lines += "abcd efgh\n\n";
  const std::string data = put("t.txt", lines);
  const Arguments half = {"--mask-probability", "0.5", "--epochs", "1"};
  log_of_training(data, half + Arguments{"--whole-word-mask"});
  const json words = metrics(data);  // masks as in training
  log_of_training(data, half);
  const json pieces = metrics(data);
  EXPECT_GT(words["words_total"], 0);
  EXPECT_EQ(words["words_total"].get<int64_t>() % 4, 0);
  EXPECT_NE(pieces["words_total"].get<int64_t>() % 4, 0);  // by chance, but the same in every run
}

TEST_F(MaskTask, FillsInEveryMask) {
  log_of_training(put("t.txt", kWords), {"--mask-probability", "0.3"});
  const ProgramResult answer =
      predict({"--top-k", "2", "--file", "-"}, "\"a [MASK] c\"\n\"[MASK] b [MASK]\"\n");
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const json lists = json::parse(answer.out);
  EXPECT_EQ(lists[0].size(), 2u);
  EXPECT_TRUE(lists[0][0]["token_str"].is_string());
  EXPECT_EQ(lists[1].size(), 2u);
  EXPECT_EQ(lists[1][0].size(), 2u);
  const ProgramResult chosen = predict({"--targets", "b,c", "--input", "a [MASK] c"});
  ASSERT_EQ(chosen.exit_code, 0) << chosen.err;
  EXPECT_EQ(json::parse(chosen.out)[0].size(), 2u);
}

}  // namespace
}  // namespace bertune
