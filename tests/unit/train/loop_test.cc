// SPDX-License-Identifier: Apache-2.0
// The training loop on a model that memorises eight windows.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bertune/error.h"
#include "end_to_end/tiny_squad.h"
#include "formats/checkpoint/run_folder.h"
#include "predict/loaded_model.h"
#include "temporary_folder.h"
#include "train_with_recipe.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

TrainOptions tiny_options(const TemporaryFolder& folder) {
  TrainOptions options;
  options.model = tiny_model().string();
  options.train_dataset = put_file(folder / "train.jsonl", tiny_squad_lines()).string();
  options.output_dir = (folder / "out").string();
  options.optimizer.epochs = 60;
  options.optimizer.batch_size = 8;
  options.optimizer.learning_rate = 1e-2;
  options.optimizer.dropout = 0.0;
  options.text.max_seq_length = 26;
  options.text.doc_stride = 4;
  options.compute.precision = "fp32";
  options.compute.threads = 1;  // there is less work than waking a second thread costs
  return options;
}

std::vector<double> losses_of(const TrainOptions& options) {
  std::vector<double> losses;
  train_with_recipe(options,
                    {.step = [&](const StepReport& report) { losses.push_back(report.loss); }});
  return losses;
}

TEST(Train, LearnsEightWindowsByHeart) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  const TrainResult result = train_with_recipe(options);
  EXPECT_LT(result.final_epoch_loss, 0.05);
  EXPECT_EQ(result.steps, 60);
}

TEST(Train, LearnsInBf16) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.compute.precision = "bf16";
  EXPECT_LT(train_with_recipe(options).final_epoch_loss, 0.05);
}

TEST(Train, SameSeedSameLossesAndOtherSeedOthers) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.epochs = 3;
  options.optimizer.batch_size = 3;
  options.optimizer.dropout = 0.1;
  const std::vector<double> first = losses_of(options);
  EXPECT_EQ(first.size(), 9u);
  EXPECT_EQ(losses_of(options), first);
  options.optimizer.seed = 43;
  EXPECT_NE(losses_of(options), first);
}

TEST(Train, TokenBudgetChangesOnlyRounding) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.epochs = 3;
  options.optimizer.dropout = 0.1;
  const std::vector<double> whole = losses_of(options);
  options.compute.token_budget = 25;
  const std::vector<double> parts = losses_of(options);
  ASSERT_EQ(parts.size(), whole.size());
  for (size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(parts[i], whole[i], 1e-4 * whole[i]);
}

TEST(Train, SavesEveryStepsKeepsTheNewestAndSetsTheLastRunAside) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.epochs = 5;
  options.checkpoints.save_steps = 2;
  options.checkpoints.keep = 2;
  EXPECT_EQ(train_with_recipe(options).checkpoint.filename(), "checkpoint-5");
  const auto names = [&] {
    std::vector<std::string> list;
    for (const fs::path& path : list_checkpoints(options.output_dir))
      list.push_back(path.filename());
    return list;
  };
  EXPECT_EQ(names(), (std::vector<std::string>{"checkpoint-4", "checkpoint-5"}));
  options.optimizer.epochs = 1;
  train_with_recipe(options);
  EXPECT_EQ(names(), (std::vector<std::string>{"checkpoint-1"}));
  EXPECT_TRUE(fs::exists(fs::path(options.output_dir) / "previous-1" / "checkpoint-5"));
}

// The metrics of the evaluations, by step, as the event and the log contain them.
std::vector<std::pair<int64_t, double>> f1_in_log(const fs::path& output) {
  std::vector<std::pair<int64_t, double>> values;
  std::ifstream in(output / "log.jsonl");
  for (std::string line; std::getline(in, line);) {
    const auto object = nlohmann::json::parse(line);
    if (object.contains("QA Metric"))
      values.emplace_back(object["step"], object["QA Metric"]["f1"]);
  }
  return values;
}

double f1_of(const fs::path& checkpoint, const std::string& eval_dataset) {
  LoadedModel model(open_checkpoint(checkpoint), {});
  const Infer infer = [&](const WindowSet& set, const LogitsSink& sink) { model.infer(set, sink); };
  return model.task().evaluate(model.context(), {.eval_dataset = eval_dataset}, infer).at(1).second;
}

TEST(Train, EvaluatesAndKeepsTheBest) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.epochs = 30;
  options.eval_dataset = options.train_dataset;
  options.validation.eval_steps = 5;
  options.validation.eval_epochs = 12;
  options.checkpoints.save_steps = 1;
  options.checkpoints.keep = 1;
  std::vector<std::pair<int64_t, double>> told;
  const TrainResult result =
      train_with_recipe(options, {.evaluated = [&](int64_t step, const Evaluation& evaluation) {
                          EXPECT_EQ(evaluation.name, "QA Metric");
                          told.emplace_back(step, evaluation.metrics.at(1).second);
                        }});
  std::vector<int64_t> steps;
  for (const auto& [step, f1] : told) steps.push_back(step);
  EXPECT_EQ(steps, (std::vector<int64_t>{5, 10, 12, 15, 20, 24, 25, 30}));
  EXPECT_EQ(f1_in_log(options.output_dir), told);

  const auto best = std::max_element(told.begin(), told.end(),
                                     [](auto& a, auto& b) { return a.second < b.second; });
  ASSERT_TRUE(result.best_checkpoint);
  EXPECT_EQ(result.best_checkpoint->filename(), checkpoint_name(best->first));
  EXPECT_EQ(best_checkpoint(options.output_dir), result.best_checkpoint);
  EXPECT_EQ(f1_of(*result.best_checkpoint, options.eval_dataset.path), best->second);
}

TEST(Train, EvaluationsLeaveTheTrainingAsItWas) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.epochs = 5;
  options.optimizer.dropout = 0.1;
  const std::vector<double> alone = losses_of(options);
  options.eval_dataset = options.train_dataset;
  options.validation.eval_steps = 1;
  EXPECT_EQ(losses_of(options), alone);
}

TEST(Train, StopsEarlyAndKnowsItWhenItGoesOn) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.learning_rate = 1e-30;  // so that nothing improves
  options.eval_dataset = options.train_dataset;
  options.validation.eval_epochs = 2;
  options.validation.early_stopping_patience = 3;
  TrainResult result = train_with_recipe(options);
  EXPECT_TRUE(result.stopped_early);
  EXPECT_FALSE(result.stopped);
  EXPECT_EQ(result.steps, 8);
  EXPECT_EQ(result.best_checkpoint->filename(), "checkpoint-2");
  options.start.resume = true;
  EXPECT_EQ(train_with_recipe(options).steps, 8);
  options.validation.early_stopping_patience = 4;
  EXPECT_EQ(train_with_recipe(options).steps, 10);
}

TEST(Train, AMetricThatIsNotThereIsNamed) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.eval_dataset = options.train_dataset;
  options.validation.eval_steps = 1;
  options.validation.metric_for_best = "accuracy";
  try {
    train_with_recipe(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("exact_match, f1"), std::string::npos) << error.hint();
  }
}

TEST(Train, StopsAtALossThatIsNotFinite) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  options.optimizer.learning_rate = 1e38;
  options.optimizer.max_grad_norm = 0.0;
  options.optimizer.warmup_ratio = 0.0;
  try {
    train_with_recipe(options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kNumerical);
    EXPECT_NE(error.message().find("step "), std::string::npos);
  }
}

TEST(Train, FromScratchNeedsNoWeights) {
  const TemporaryFolder folder;
  TrainOptions options = tiny_options(folder);
  put_file(folder / "model/config.json", get_file(tiny_model() / "config.json"));
  put_file(folder / "model/vocab.txt", get_file(tiny_model() / "vocab.txt"));
  options.model = (folder / "model").string();
  options.optimizer.epochs = 1;
  EXPECT_THROW(train_with_recipe(options), Error);
  options.start.from_scratch = true;
  EXPECT_EQ(train_with_recipe(options).steps, 1);
}

}  // namespace
}  // namespace bertune
