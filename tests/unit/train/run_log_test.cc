// SPDX-License-Identifier: Apache-2.0
#include "train/run_log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

StepReport report_of(int64_t epoch, int64_t step) {
  StepReport report{};
  report.epoch = epoch;
  report.epochs = 2;
  report.step = step;
  report.epoch_steps = 3;
  report.loss = 0.5 * static_cast<double>(step);
  report.learning_rate = 1e-5;
  return report;
}

std::vector<int64_t> steps_in(const fs::path& file) {
  std::vector<int64_t> steps;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    steps.push_back(nlohmann::json::parse(line)["step"].get<int64_t>());
  }
  return steps;
}

TEST(RunLog, HasALineForEachStepAndEvaluation) {
  const TemporaryFolder folder;
  {
    RunLog log(folder.path(), 0);
    log.add_step(report_of(1, 3));
    log.add_evaluation(3, {"QA Metric", {{"exact_match", 50.0}, {"f1", 62.5}}});
    log.add_step(report_of(2, 1));
  }
  std::ifstream in(folder / "log.jsonl");
  std::string step, evaluation;
  std::getline(in, step);
  std::getline(in, evaluation);
  EXPECT_EQ(nlohmann::json::parse(step)["loss"], 1.5);
  EXPECT_EQ(evaluation, R"({"step":3,"QA Metric":{"exact_match":50.0,"f1":62.5}})");
  EXPECT_EQ(steps_in(folder / "log.jsonl"), (std::vector<int64_t>{3, 3, 4}));
}

TEST(RunLog, ARunThatGoesOnForgetsWhatCameLater) {
  const TemporaryFolder folder;
  {
    RunLog log(folder.path(), 0);
    for (const int64_t step : {1, 2, 3}) log.add_step(report_of(1, step));
  }
  put_file(folder / "log.jsonl", get_file(folder / "log.jsonl") + R"({"step":4,"lo)");
  { RunLog(folder.path(), 2).add_step(report_of(1, 3)); }
  EXPECT_EQ(steps_in(folder / "log.jsonl"), (std::vector<int64_t>{1, 2, 3}));
  { RunLog(folder.path(), 0).add_step(report_of(1, 1)); }
  EXPECT_EQ(steps_in(folder / "log.jsonl"), (std::vector<int64_t>{1}));
}

// The standard check value of CRC-32C, masked as TensorFlow's crc32c::Mask does.
TEST(EventFile, ChecksumIsTheMaskedCastagnoli) {
  constexpr uint32_t kCheck = 0xE3069283;  // of "123456789"
  EXPECT_EQ(masked_crc32c("123456789"), ((kCheck >> 15) | (kCheck << 17)) + 0xA282EAD8u);
}

}  // namespace
}  // namespace bertune
