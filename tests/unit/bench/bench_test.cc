// SPDX-License-Identifier: Apache-2.0
// What benchmarks compute with and count. Durations are not tested.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <string_view>

#include "batch/batch.h"
#include "bench/ops.h"
#include "bench/report.h"
#include "bench/training.h"
#include "bertune/error.h"
#include "tasks/tasks.h"

namespace bertune {
namespace {

std::vector<int32_t> all_of(const WindowSet& set) {
  std::vector<int32_t> all(set.windows.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

BenchTrainOptions tiny_options() {
  BenchTrainOptions options;
  options.work.shape = "bert-tiny";
  options.steps = 2;
  options.batch_size = 2;
  options.compute.precision = "fp32";
  return options;
}

TEST(Bench, MadeUpWindowsAreAsLongAsSquads) {
  const BertConfig config = find_bench_model({}).config;
  const WindowSet set = bench_windows({}, config).set;
  double tokens = 0.0, squares = 0.0;
  int32_t longest = 0;
  for (const Window& window : set.windows) {
    tokens += window.length();
    squares += static_cast<double>(window.length()) * window.length();
    longest = std::max(longest, window.length());
  }
  const auto count = static_cast<double>(set.windows.size());
  EXPECT_DOUBLE_EQ(tokens / count, 170.75);
  EXPECT_NEAR(squares / count, 33045.0, 15.0);
  EXPECT_EQ(longest, 384);
}

TEST(Bench, MadeUpWindowsCanBePacked) {
  const BertConfig config = find_bench_model({.shape = "bert-tiny"}).config;
  const std::vector<int32_t> lengths = {5, 16, 27, 512};
  const WindowSet set = make_windows_of_lengths(lengths, config);
  Batch batch;
  pack(set, all_of(set), batch);
  EXPECT_EQ(batch.rows(), 560);
  EXPECT_EQ(batch.max_length, 512);
  for (const int32_t id : batch.ids) EXPECT_TRUE(id >= 0 && id < config.vocab_size) << id;
  for (size_t i = 0; i < batch.targets.size(); ++i) {
    EXPECT_GE(batch.targets[i], 0);
    EXPECT_LT(batch.targets[i], lengths[i / 2]);
  }
}

TEST(Bench, OptionsThatDoNotFitAreRefused) {
  const auto error_of = [](const BenchWorkOptions& options) {
    try {
      bench_windows(options, find_bench_model(options).config);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::kUsage);
      return error.message() + " / " + error.hint();
    }
    return std::string("no error");
  };
  EXPECT_NE(error_of({.shape = "bert-bas"}).find("did you mean bert-base"), std::string::npos);
  EXPECT_NE(error_of({.shape = "bert-base", .model = "x"}).find("both"), std::string::npos);
  EXPECT_NE(error_of({.data = "x"}).find("--vocab"), std::string::npos);
  EXPECT_NE(error_of({.data = "x", .length = 9}).find("--length"), std::string::npos);
  EXPECT_NE(error_of({.length = 513}).find("512"), std::string::npos);
  EXPECT_NE(error_of({.length = 4}).find("--length is 4"), std::string::npos);
}

TEST(Bench, AnUnknownOpIsRefused) {
  try {
    bench_ops({.op = "liner", .train = tiny_options()});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.hint().find("did you mean linear"), std::string::npos) << error.hint();
  }
}

TEST(Bench, OpsAreCountedByStep) {
  const OpsBench bench = bench_ops({.op = "add_norm", .train = tiny_options()});
  ASSERT_EQ(bench.ops.size(), 3u);
  EXPECT_EQ(bench.ops[0].place, "embeddings");
  EXPECT_EQ(bench.ops[0].calls, 1);
  EXPECT_EQ(bench.ops[1].calls, 2);
  EXPECT_EQ(bench.ops[1].cols, 128);
  EXPECT_EQ(bench.ops[1].ceiling_share, 0.0);
  EXPECT_GT(bench.ops[1].bytes_per_second, 0.0);
}

// The formula of docs/performance.md matches the ops of a step: the encoder's and, among the heads,
// those of the masked language modelling head, which has a product with the whole vocabulary.
TEST(Bench, UsefulFlopAreThoseOfTheOps) {
  for (const std::string& task : task_names()) {
    SCOPED_TRACE(task);
    BenchTrainOptions options = tiny_options();
    options.task = task;
    BenchTraining training(options, find_bench_model(options.work).config, Profiling::kEvents);
    training.recorder().set_recording(true);
    const auto windows = training.run_step();
    const Work work = count_work(training.config(), training.windows().set, windows);
    double flop = 0.0;
    for (const TraceEvent& event : training.recorder().trace().events()) {
      const std::string_view place = event.place;
      const bool counted = task == "fill_mask" || (place != "head" && place != "pooler");
      if (counted) flop += event.cost.flop;
    }
    EXPECT_EQ(work.windows, 2);
    EXPECT_NEAR(flop, work.training_flop, 1e-9 * flop);
    EXPECT_NEAR(3.0 * work.inference_flop, work.training_flop, 1e-9 * flop);
  }
}

double mean_length(const std::string& task) {
  BenchTrainOptions options = tiny_options();
  options.task = task;
  const BenchData data = bench_data(options, find_bench_model(options.work).config);
  double tokens = 0.0;
  for (const Window& window : data.windows.set.windows) tokens += window.length();
  return tokens / static_cast<double>(data.windows.set.windows.size());
}

TEST(Bench, MadeUpWindowsAreAsLongAsTheDataOfTheTask) {
  EXPECT_DOUBLE_EQ(mean_length("question_answering"), 170.75);
  EXPECT_NEAR(mean_length("text_classification"), 13.32, 0.05);   // SST-2
  EXPECT_NEAR(mean_length("token_classification"), 31.32, 0.05);  // WNUT-17
  EXPECT_DOUBLE_EQ(mean_length("fill_mask"), 128.0);
}

}  // namespace
}  // namespace bertune
