// SPDX-License-Identifier: Apache-2.0
// bertune bench, --trace and --profile as a user sees them: the fields that scripts read.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"

namespace bertune {
namespace {

using Arguments = std::vector<std::string>;
using nlohmann::json;

json json_of(const Arguments& arguments) {
  const ProgramResult result = run_program(arguments);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1);
  return json::parse(result.out);
}

void expect_positive(const json& object, const Arguments& names) {
  for (const std::string& name : names) EXPECT_GT(object.value(name, 0.0), 0.0) << name;
}

TEST(BenchProgram, Train) {
  const Arguments arguments = {"bench", "train", "--shape", "bert-tiny", "--steps", "2"};
  Arguments with_json = arguments;
  with_json.push_back("--json");
  const json bench = json_of(with_json);
  expect_positive(bench, {"windows_per_second", "tokens_per_second", "flops_per_second",
                          "ceiling_flops_per_second", "ceiling_share"});
  expect_positive(bench["machine"], {"threads"});
  EXPECT_TRUE(bench["machine"]["precision"].is_string());
  EXPECT_EQ(bench["profile"]["steps"], 2);
  double share = bench["profile"]["outside_ops_share"];
  for (const json& row : bench["profile"]["ops"]) share += row["share"].get<double>();
  EXPECT_NEAR(share, 1.0, 1e-9);

  const ProgramResult table = run_program(arguments);
  EXPECT_NE(table.out.find("share of the ceiling"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("outside ops"), std::string::npos) << table.out;
}

TEST(BenchProgram, TrainOnRealDataAndAFolder) {
  const TemporaryFolder folder;
  const std::string data = put_file(folder / "train.jsonl", tiny_squad_lines()).string();
  const std::string trace = (folder / "traces" / "bench.json").string();
  const json bench = json_of({"bench", "train", "--model", tiny_model().string(), "--data", data,
                              "--steps", "2", "--json", "--trace", trace});
  EXPECT_EQ(bench["data"], data);
  EXPECT_GT(json::parse(get_file(trace))["traceEvents"].size(), 10u);
}

TEST(BenchProgram, TrainOfEachTask) {
  const std::map<std::string, int> batch_sizes = {// as in the recipes
                                                  {"text_classification", 64},
                                                  {"token_classification", 24},
                                                  {"fill_mask", 32}};
  for (const auto& [task, batch_size] : batch_sizes) {
    const json bench = json_of(
        {"bench", "train", "--task", task, "--shape", "bert-tiny", "--steps", "1", "--json"});
    EXPECT_EQ(bench["task"], task);
    EXPECT_EQ(bench["batch_size"], batch_size);
    expect_positive(bench, {"windows_per_second", "ceiling_share"});
  }
}

TEST(BenchProgram, TrainOfATaskOnRealData) {
  const TemporaryFolder folder;
  const std::string data =
      put_file(folder / "train.tsv", "sentence\tlabel\nwhere is berlin\t1\nin berlin\t0\n")
          .string();
  const json bench = json_of({"bench", "train", "--task", "text_classification", "--model",
                              tiny_model().string(), "--data", data, "--steps", "1", "--json"});
  EXPECT_EQ(bench["data"], data);

  const ProgramResult wrong = run_program({"bench", "train", "--task", "text_clasification"});
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_NE(wrong.err.find("did you mean text_classification"), std::string::npos) << wrong.err;
}

TEST(BenchProgram, Infer) {
  const json bench = json_of({"bench", "infer", "--model", tiny_model().string(), "--length", "20",
                              "--windows", "8", "--rounds", "2", "--json"});
  expect_positive(bench["throughput"],
                  {"windows_per_second", "tokens_per_second", "flops_per_second", "ceiling_share"});
  ASSERT_EQ(bench["latency"].size(), 1u);  // the model has 26 positions
  EXPECT_EQ(bench["latency"][0]["tokens"], 16);
  expect_positive(bench["latency"][0], {"median_ms", "p99_ms"});
}

TEST(BenchProgram, Ops) {
  const json bench = json_of({"bench", "ops", "--shape", "bert-tiny", "--steps", "1", "--op",
                              "attention_backward", "--json"});
  ASSERT_EQ(bench["ops"].size(), 1u);
  EXPECT_EQ(bench["ops"][0]["place"], "attention");
  expect_positive(bench["ops"][0], {"ms", "flops_per_second", "ceiling_share"});
}

TEST(BenchProgram, Tokenize) {
  const json bench = json_of({"bench", "tokenize", "--model", tiny_model().string(), "--json"});
  expect_positive(bench, {"megabytes_per_second", "tokens", "bytes"});
}

TEST(BenchProgram, MistakesAreNamed) {
  const auto expect_error = [](const Arguments& arguments, int code, const std::string& part) {
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  };
  expect_error({"bench", "train", "--shape", "bert-bse"}, 2, "did you mean bert-base");
  expect_error({"bench", "train", "--steps", "0"}, 2, "--steps is 0");
  expect_error({"bench", "ops", "--op", "atention"}, 2, "did you mean attention");
  expect_error({"bench", "infer", "--model", "/no/model"}, 1, "/no/model");
  expect_error({"bench", "tokenize"}, 2, "--model is missing");
  expect_error({"bench"}, 2, "ubcommand");
}

class TracedRun : public testing::Test {
 protected:
  Arguments train(const Arguments& more) const {
    Arguments arguments = {"train",
                           "--model",
                           tiny_model().string(),
                           "--train-dataset",
                           data_,
                           "--output-dir",
                           (folder_ / "out").string(),
                           "--max-seq-length",
                           "26",
                           "--doc-stride",
                           "4",
                           "--epochs",
                           "3",
                           "--batch-size",
                           "8"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  TemporaryFolder folder_;
  std::string data_ = put_file(folder_ / "train.jsonl", tiny_squad_lines()).string();
};

TEST_F(TracedRun, WritesTheTimelineAndTheProfile) {
  const std::string file = (folder_ / "trace.json").string();
  const ProgramResult trained = run_program(train({"--trace", file, "--profile"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_NE(trained.err.find("outside ops"), std::string::npos) << trained.err;
  const json trace = json::parse(get_file(file));
  size_t steps = 0;
  for (const json& event : trace["traceEvents"]) {
    steps += event["name"] == "step";
  }
  EXPECT_EQ(steps, 3u);

  const std::string other = (folder_ / "evaluate.json").string();
  const ProgramResult scored = run_program({"evaluate", "--output-dir", (folder_ / "out").string(),
                                            "--eval-dataset", data_, "--trace", other});
  ASSERT_EQ(scored.exit_code, 0) << scored.err;
  EXPECT_FALSE(json::parse(get_file(other))["traceEvents"].empty());
}

TEST_F(TracedRun, SaysNothingWhenNotAsked) {
  const ProgramResult trained = run_program(train({}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(trained.err.find("outside ops"), std::string::npos) << trained.err;
}

TEST_F(TracedRun, AFileThatCannotBeWrittenIsFoundBeforeTraining) {
  put_file(folder_ / "file", "x");
  for (const std::string& path : {(folder_ / "file" / "trace.json").string(),
                                  std::filesystem::path(folder_ / ".").string()}) {
    const ProgramResult result = run_program(train({"--trace", path}));
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_NE(result.err.find(path.substr(0, path.rfind('/'))), std::string::npos) << result.err;
    EXPECT_EQ(result.err.find("Epoch:"), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "out"));
  }
}

}  // namespace
}  // namespace bertune
