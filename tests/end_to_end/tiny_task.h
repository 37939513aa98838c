// SPDX-License-Identifier: Apache-2.0
// Training, evaluation and prediction of the tiny golden model on a task's data, through the
// program.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "end_to_end/run_program.h"
#include "end_to_end/tiny_squad.h"

namespace bertune {

using Arguments = std::vector<std::string>;

// Texts that the tiny model memorises in a few epochs.
inline constexpr const char* kTexts = "text,label\na b,yes\nc d,no\ne f,yes\ng h,no\n";
inline constexpr const char* kTags = "a B-X\nb I-X\nc O\n\nd O\ne B-Y\n\nf O\ng O\n";
inline constexpr const char* kWords = "a b c d e f\n\nb c d e f g\n\nc d e f g h\n";

// A line of log.jsonl.
struct LoggedEvaluation {
  int64_t step;
  nlohmann::json metrics;
};

class TinyTask : public testing::Test {
 protected:
  explicit TinyTask(std::string task) : task_(std::move(task)) {}

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string put(const std::string& name, std::string_view content) const {
    return put_file(folder_ / name, content).string();
  }

  // Defaults to 40 epochs of batches of 8, which `more` can override.
  ProgramResult train(const std::string& data, const Arguments& more = {}) const {
    const std::string model = model_.empty() ? tiny_model().string() : model_;
    const Arguments options = {"--task",    task_, "--model",   model, "--output-dir", path("out"),
                               "--dropout", "0",   "--threads", "1",   "--precision",  "fp32"};
    const Arguments recipe = {"--max-seq-length",      "12", "--learning-rate", "1e-2",
                              "--final-learning-rate", "0"};
    const bool overlaps = task_ == "question_answering" || task_ == "token_classification";
    const Arguments overlap = overlaps ? Arguments{"--doc-stride", "4"} : Arguments{};
    return run_program(Arguments{"train", "--train-dataset", data} + options + recipe + overlap +
                       with_defaults(more));
  }
  // Trains and expects success.
  std::string log_of_training(const std::string& data, const Arguments& more = {}) const {
    const ProgramResult trained = train(data, more);
    EXPECT_EQ(trained.exit_code, 0) << trained.err;
    return trained.err;
  }

  ProgramResult evaluate(const std::string& data, const Arguments& more = {}) const {
    return run_program(Arguments{"evaluate", "--output-dir", path("out"), "--eval-dataset", data,
                                 "--precision", "fp32", "--threads", "1"} +
                       more);
  }
  // The metrics, by name, of an evaluation that is expected to succeed.
  nlohmann::json metrics(const std::string& data, const Arguments& more = {}) const {
    const ProgramResult result = evaluate(data, more + Arguments{"--json"});
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? nlohmann::json::parse(result.out).front() : nlohmann::json();
  }

  ProgramResult predict(const Arguments& more, const std::string& input = {}) const {
    return run_program(Arguments{"predict", "--json", "--output-dir", path("out")} + more, input);
  }

  std::vector<LoggedEvaluation> evaluations() const {
    std::vector<LoggedEvaluation> found;
    std::istringstream log(get_file(folder_ / "out/log.jsonl"));
    for (std::string line; std::getline(log, line);) {
      nlohmann::json object = nlohmann::json::parse(line);
      const int64_t step = object["step"];
      object.erase("step");
      if (object.size() == 1) found.push_back({step, object.front()});
    }
    return found;
  }

  std::vector<std::string> checkpoints() const {
    std::vector<std::string> found;
    for (const std::string& name : names_in(folder_ / "out")) {
      if (name.starts_with("checkpoint-")) found.push_back(name);
    }
    return found;
  }
  std::filesystem::path only_checkpoint() const {
    EXPECT_EQ(checkpoints().size(), 1u);
    return folder_ / "out" / checkpoints().at(0);
  }
  nlohmann::json config() const {
    return nlohmann::json::parse(get_file(only_checkpoint() / "config.json"));
  }

  TemporaryFolder folder_;
  std::string task_;
  std::string model_;  // empty: the tiny model

 private:
  // Removes overridden defaults, because the program accepts each option only once.
  static Arguments with_defaults(Arguments more) {
    for (const auto& [flag, value] :
         {std::pair{"--epochs", "40"}, std::pair{"--batch-size", "8"}}) {
      if (std::find(more.begin(), more.end(), flag) != more.end()) continue;
      more.insert(more.end(), {flag, value});
    }
    return more;
  }
};

}  // namespace bertune
