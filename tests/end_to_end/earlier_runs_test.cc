// SPDX-License-Identifier: Apache-2.0
// Checkpoints written by an earlier version in the middle of a run resume, and the run ends with
// the same bytes as in the earlier version. The files come from tools/make_earlier_runs.py.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"
#include "hub/digest.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

fs::path earlier_runs() { return fs::path(BERTUNE_TEST_DATA) / "earlier_runs"; }

class EarlierRuns : public testing::TestWithParam<std::string> {
 protected:
  EarlierRuns()
      : source_(earlier_runs() / GetParam()),
        run_(nlohmann::json::parse(get_file(source_ / "run.json"))) {
    fs::copy(source_, folder_.path(), fs::copy_options::recursive);
    fs::copy(tiny_model(), folder_ / "model", fs::copy_options::recursive);
    fs::create_directory(folder_ / "output");
    fs::rename(folder_ / "checkpoint-3", folder_ / "output" / "checkpoint-3");
  }

  // The arguments of the earlier run, with paths in this test's folder.
  std::vector<std::string> arguments() const {
    std::vector<std::string> arguments = run_.at("arguments");
    for (size_t i = 1; i < arguments.size(); ++i) {
      const std::string& flag = arguments[i - 1];
      if (flag == "--model" || flag == "--train-dataset") arguments[i] = folder_ / arguments[i];
    }
    return std::vector<std::string>{"train", "--log-steps", "1000000", "--output-dir",
                                    folder_ / "output"} +
           arguments;
  }

  std::string digest(const std::string& name) const {
    const fs::path last = folder_ / "output" / run_.at("last").get<std::string>();
    return sha256_hex(get_file(last / name));
  }

  fs::path source_;
  nlohmann::json run_;
  TemporaryFolder folder_;
};

TEST_P(EarlierRuns, ResumeToTheSameBytes) {
  const ProgramResult result = run_program(arguments() + std::vector<std::string>{"--resume"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string device = run_.at("device");
  if (result.err.find("  " + device + "\n") == std::string::npos) {
    GTEST_SKIP() << "resumed, but the bytes were computed on another device: " << device;
  }
  for (const auto& [name, expected] : run_.at("sha256").items()) {
    EXPECT_EQ(digest(name), expected.get<std::string>()) << name;
  }
}

TEST_P(EarlierRuns, RefuseAnotherLearningRate) {
  const ProgramResult result =
      run_program(arguments() + std::vector<std::string>{"--learning-rate", "2e-2", "--resume"});
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_NE(result.err.find("learning_rate: 0.01 there, 0.02 here"), std::string::npos)
      << result.err;
}

std::vector<std::string> all_runs() { return names_in(earlier_runs()); }

INSTANTIATE_TEST_SUITE_P(Commit_fc54005, EarlierRuns, testing::ValuesIn(all_runs()),
                         [](const auto& run) { return run.param; });

}  // namespace
}  // namespace bertune
