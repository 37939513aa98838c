// SPDX-License-Identifier: Apache-2.0
// Resuming from a checkpoint: the end result is bit for bit the same from any step, and unsuitable
// checkpoints are rejected.
#include "train/resume.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bertune/error.h"
#include "end_to_end/tiny_squad.h"
#include "temporary_folder.h"
#include "train_with_recipe.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

constexpr int64_t kSteps = 9;  // 3 epochs of 3

std::optional<Error> error_of(const TrainOptions& options) {
  try {
    train_with_recipe(options);
  } catch (const Error& error) {
    return error;
  }
  return {};
}

class Resume : public testing::Test {
 protected:
  Resume() : data_(put_file(folder_ / "train.jsonl", tiny_squad_lines()).string()) {}

  TrainOptions options(const std::string& output) const {
    TrainOptions options;
    options.model = tiny_model().string();
    options.train_dataset = data_;
    options.output_dir = (folder_ / output).string();
    options.optimizer.epochs = 3;
    options.optimizer.batch_size = 3;
    options.optimizer.learning_rate = 1e-2;
    options.text.max_seq_length = 26;
    options.text.doc_stride = 4;
    options.compute.threads = 1;
    return options;
  }

  TrainResult stop_after(const TrainOptions& options, int64_t steps) const {
    int64_t done = 0;
    return train_with_recipe(options, {.stop = [&] { return ++done == steps; }});
  }

  // Expects every file of the last checkpoint to be equal.
  void expect_same_end(const std::string& a, const std::string& b) const {
    const fs::path end_a = folder_ / a / "checkpoint-9", end_b = folder_ / b / "checkpoint-9";
    const Names names = names_in(end_a);
    ASSERT_EQ(names_in(end_b), names);
    EXPECT_GE(names.size(), 7u);
    for (const std::string& name : names) {
      if (name == "training_state.json") continue;  // contains the output folder's name
      EXPECT_EQ(get_file(end_a / name), get_file(end_b / name)) << name;
    }
  }

  static std::vector<double> losses_of(const TrainOptions& options) {
    std::vector<double> losses;
    train_with_recipe(options,
                      {.step = [&](const StepReport& step) { losses.push_back(step.loss); }});
    return losses;
  }

  // The contents of an output folder, except the record of the run.
  Names names_of_run(const std::string& output) const {
    Names names = names_in(folder_ / output);
    std::erase(names, "log.jsonl");
    std::erase(names, "tensorboard");
    return names;
  }

  void expect_refused(const TrainOptions& other, const std::string& part) const {
    const std::optional<Error> error = error_of(other);
    ASSERT_TRUE(error.has_value()) << part;
    EXPECT_EQ(error->kind(), ErrorKind::kUsage);
    EXPECT_NE(error->message().find(part), std::string::npos) << error->message();
    EXPECT_NE(error->hint().find("resume_anyway"), std::string::npos) << error->hint();
  }

  TemporaryFolder folder_;
  std::string data_;
};

TEST_F(Resume, FromAnyStepEndsTheSame) {
  for (const char* precision : {"fp32", "bf16"}) {
    const std::string whole = std::string("whole-") + precision;
    TrainOptions undisturbed = options(whole);
    undisturbed.compute.precision = precision;
    const TrainResult expected = train_with_recipe(undisturbed);
    for (int64_t step = 1; step <= kSteps; ++step) {
      const std::string output = "parts-" + std::to_string(step) + precision;
      TrainOptions parts = options(output);
      parts.compute.precision = precision;
      const TrainResult stopped = stop_after(parts, step);
      EXPECT_TRUE(stopped.stopped);
      EXPECT_EQ(stopped.steps, step);
      EXPECT_EQ(stopped.checkpoint.filename(), "checkpoint-" + std::to_string(step));
      parts.start.resume = true;
      const TrainResult result = train_with_recipe(parts);
      EXPECT_FALSE(result.stopped);
      EXPECT_EQ(result.steps, kSteps);
      EXPECT_EQ(result.final_epoch_loss, expected.final_epoch_loss);
      expect_same_end(whole, output);
    }
  }
}

TEST_F(Resume, AfterEveryStepEndsTheSame) {
  train_with_recipe(options("whole"));
  TrainOptions parts = options("parts");
  parts.start.resume = true;  // no checkpoint exists yet, so it starts from the beginning
  parts.checkpoints.keep = 1;
  for (int64_t step = 1; step <= kSteps; ++step) EXPECT_EQ(stop_after(parts, 1).steps, step);
  EXPECT_EQ(names_of_run("parts"), Names{"checkpoint-9"});
  expect_same_end("whole", "parts");
}

TEST_F(Resume, AFinishedRunStaysAsItIs) {
  TrainOptions finished = options("out");
  train_with_recipe(finished);
  const std::string before = get_file(folder_ / "out/checkpoint-9/model.safetensors");
  finished.start.resume = true;
  int64_t steps = 0;
  const TrainResult result =
      train_with_recipe(finished, {.step = [&](const StepReport&) { ++steps; }});
  EXPECT_EQ(steps, 0);
  EXPECT_EQ(result.steps, kSteps);
  EXPECT_EQ(result.checkpoint, folder_ / "out/checkpoint-9");
  EXPECT_EQ(get_file(folder_ / "out/checkpoint-9/model.safetensors"), before);
}

TEST_F(Resume, FromACheckpointByName) {
  TrainOptions every = options("out");
  every.checkpoints.save_steps = 2;
  train_with_recipe(every);
  TrainOptions from = options("out");
  from.start.resume_from = (folder_ / "out/checkpoint-4").string();
  fs::copy(folder_ / "out", folder_ / "whole", fs::copy_options::recursive);
  train_with_recipe(from);
  EXPECT_EQ(names_of_run("out"),
            (Names{"checkpoint-2", "checkpoint-4", "checkpoint-9", "previous-1"}));
  EXPECT_EQ(names_in(folder_ / "out/previous-1"),
            (Names{"checkpoint-6", "checkpoint-8", "checkpoint-9"}));
  expect_same_end("whole", "out");

  TrainOptions elsewhere = options("elsewhere");
  elsewhere.start.resume_from = from.start.resume_from;
  train_with_recipe(elsewhere);
  expect_same_end("whole", "elsewhere");
}

TEST_F(Resume, RefusesOtherOptions) {
  stop_after(options("out"), 4);
  const auto refuses = [&](const std::function<void(TrainOptions&)>& change,
                           const std::string& part) {
    TrainOptions other = options("out");
    other.start.resume = true;
    change(other);
    expect_refused(other, part);
  };
  refuses([](TrainOptions& o) { o.optimizer.learning_rate = 2e-2; },
          "learning_rate: 0.01 there, 0.02 here");
  refuses([](TrainOptions& o) { o.optimizer.seed = 1; }, "seed: 42 there, 1 here");
  refuses([](TrainOptions& o) { o.optimizer.epochs = 4; }, "epochs: 3 there, 4 here");
  refuses([](TrainOptions& o) { o.optimizer.dropout = 0.2; }, "dropout: not given there, 0.2 here");
  refuses([](TrainOptions& o) { o.compute.token_budget = 20; }, "token_budget");
  refuses([](TrainOptions& o) { o.max_train_examples = 5; }, "data: 8 windows");
  const bool bf16 = read_training_state(folder_ / "out/checkpoint-4").precision == "bf16";
  refuses([&](TrainOptions& o) { o.compute.precision = bf16 ? "fp32" : "bf16"; }, "precision: ");
}

TEST_F(Resume, RefusesOtherDataAndAnotherModel) {
  stop_after(options("out"), 4);
  TrainOptions other = options("out");
  other.start.resume = true;
  std::string lines = tiny_squad_lines();
  lines[lines.find("a b c")] = 'x';
  other.train_dataset = put_file(folder_ / "other.jsonl", lines).string();
  expect_refused(other, "other.jsonl");

  fs::copy(tiny_model(), folder_ / "model");
  std::string weights = get_file(folder_ / "model/model.safetensors");
  weights.back() ^= 1;
  put_file(folder_ / "model/model.safetensors", weights);
  other.train_dataset = data_;
  other.model = (folder_ / "model").string();
  expect_refused(other, "model: ");
}

TEST_F(Resume, TakesTheSameDataAndModelFromElsewhere) {
  train_with_recipe(options("whole"));
  stop_after(options("out"), 4);
  TrainOptions moved = options("out");
  fs::copy(tiny_model(), folder_ / "model");
  moved.model = (folder_ / "model").string();
  moved.train_dataset = put_file(folder_ / "moved.jsonl", tiny_squad_lines()).string();
  moved.start.resume = true;
  moved.report.log_steps = 7;
  moved.checkpoints.save_steps = 3;
  moved.optimizer.skip_bad_steps = true;
  moved.memory.recompute = true;
  train_with_recipe(moved);
  expect_same_end("whole", "out");
}

// Covers weights, moments and losses: dropout is on, and a step has more than one pass.
TEST_F(Resume, RecomputeChangesNoBit) {
  for (const char* precision : {"fp32", "bf16"}) {
    TrainOptions kept = options(std::string("kept-") + precision);
    kept.compute.precision = precision;
    kept.compute.token_budget = 40;
    TrainOptions again = kept;
    again.output_dir = (folder_ / (std::string("again-") + precision)).string();
    again.memory.recompute = true;
    EXPECT_EQ(losses_of(kept), losses_of(again)) << precision;
    expect_same_end(std::string("kept-") + precision, std::string("again-") + precision);
  }
}

TEST_F(Resume, AnywayGoesOnWithOtherOptions) {
  train_with_recipe(options("out"));
  TrainOptions longer = options("out");
  longer.start.resume = longer.start.resume_anyway = true;
  longer.optimizer.epochs = 4;
  EXPECT_EQ(train_with_recipe(longer).steps, 12);
  EXPECT_EQ(names_of_run("out"), (Names{"checkpoint-12", "checkpoint-9"}));
  longer.start.resume_anyway = false;
  EXPECT_EQ(train_with_recipe(longer).steps, 12) << "they are the run's own now";
}

TEST_F(Resume, SaysWhatACheckpointLacks) {
  stop_after(options("out"), 4);
  TrainOptions go_on = options("out");
  go_on.start.resume = true;
  const fs::path moments = folder_ / "out/checkpoint-4/training_state.safetensors";
  const std::string good = get_file(moments);
  put_file(moments, good.substr(0, good.size() / 2));
  std::optional<Error> error = error_of(go_on);
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message().find("training_state.safetensors"), std::string::npos);
  fs::remove(moments);
  error = error_of(go_on);
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message().find("has no training_state.safetensors"), std::string::npos);
  EXPECT_NE(error->hint().find("model"), std::string::npos) << error->hint();

  put_file(folder_ / "out/checkpoint-4/training_state.json",
           R"({"format":1,"step":4,"epoch":1,"seed":42,"options":{}})");
  error = error_of(go_on);
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message().find("earlier version"), std::string::npos) << error->message();

  go_on.start.resume = false;
  go_on.start.resume_from = tiny_model().string();
  error = error_of(go_on);
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message().find("not a checkpoint"), std::string::npos);
}

TEST_F(Resume, SkipsBadStepsAloudAndRemembersHowMany) {
  TrainOptions bad = options("out");
  bad.optimizer.learning_rate = 1e30;  // after one update, every loss is infinite or NaN
  bad.optimizer.warmup_ratio = bad.optimizer.max_grad_norm = bad.optimizer.weight_decay = 0.0;
  bad.optimizer.skip_bad_steps = true;
  EXPECT_EQ(stop_after(bad, 4).skipped_steps, 3);
  bad.start.resume = true;
  const TrainResult result = train_with_recipe(bad);
  EXPECT_EQ(result.steps, kSteps);
  EXPECT_EQ(result.skipped_steps, 8);
  EXPECT_FALSE(fs::exists(folder_ / "out/numerical_fault.json"));
}

TEST_F(Resume, ANumericalFaultIsWrittenAndKeepsTheCheckpoints) {
  TrainOptions bad = options("out");
  bad.optimizer.learning_rate = 1e30;
  bad.optimizer.warmup_ratio = bad.optimizer.max_grad_norm = bad.optimizer.weight_decay = 0.0;
  bad.checkpoints.save_steps = bad.checkpoints.keep = 1;
  const std::optional<Error> error = error_of(bad);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind(), ErrorKind::kNumerical);
  EXPECT_NE(error->message().find("step 2: "), std::string::npos) << error->message();
  EXPECT_NE(error->message().find("examples q"), std::string::npos) << error->message();
  EXPECT_EQ(names_of_run("out"), (Names{"checkpoint-1", "numerical_fault.json"}));
  const auto fault = nlohmann::json::parse(get_file(folder_ / "out/numerical_fault.json"));
  EXPECT_EQ(fault["step"], 2);
  EXPECT_EQ(fault["examples"].size(), 3u);
  EXPECT_TRUE(fault["first_gradient_not_finite"].is_string());
  EXPECT_TRUE(fault["first_weight_not_finite"].is_null());
}

TEST_F(Resume, WeightsThatAreNotFiniteAreNotSaved) {
  TrainOptions bad = options("out");
  bad.optimizer.learning_rate = 1e38;
  bad.optimizer.warmup_ratio = bad.optimizer.max_grad_norm = 0.0;
  bad.optimizer.epochs = bad.checkpoints.save_steps = 1;
  bad.optimizer.batch_size = 8;
  const std::optional<Error> error = error_of(bad);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->kind(), ErrorKind::kNumerical);
  EXPECT_NE(error->message().find("not finite"), std::string::npos) << error->message();
  EXPECT_EQ(names_of_run("out"), Names{});
}

TEST_F(Resume, IsRefusedWithoutTheMemory) {
  TrainOptions small = options("out");
  small.memory.memory_limit = "1MiB";
  const std::optional<Error> error = error_of(small);
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message().find("memory_limit"), std::string::npos);
  EXPECT_FALSE(fs::exists(folder_ / "out"));
}

}  // namespace
}  // namespace bertune
