// SPDX-License-Identifier: Apache-2.0
// A checkpoint that has memorised eight windows, for the tests of the public calls.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "bertune/bertune.h"
#include "end_to_end/tiny_squad.h"
#include "temporary_folder.h"

namespace bertune {

inline TrainOptions options_in(const TemporaryFolder& folder) {
  TrainOptions options{
      .task = "question_answering",
      .model = tiny_model().string(),
      .train_dataset = put_file(folder / "train.jsonl", tiny_squad_lines()).string()};
  options.eval_dataset = options.train_dataset;
  options.output_dir = (folder / "out").string();
  options.optimizer.epochs = 60;
  options.optimizer.batch_size = 8;
  options.optimizer.learning_rate = 1e-2;
  options.optimizer.dropout = 0.0;
  options.text = {.max_seq_length = 26, .doc_stride = 4};
  options.compute = {.precision = "fp32", .threads = 1};
  return options;
}

inline const TrainArguments kQuiet = {.events = TrainEvents{}};

inline Answer answer_of(const Predictions& predictions, size_t input = 0) {
  return std::get<Answer>(predictions.at(input).at(0));
}

inline std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.message() + " / " + error.hint();
  }
  return "no error";
}

inline void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

// One training run shared by all tests that only examine its output.
class Trained : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    result_ = new TrainResult(Trainer(options_in(*folder_)).train(kQuiet));
  }
  static void TearDownTestSuite() {
    delete result_;
    delete folder_;
  }
  static inline const TemporaryFolder* folder_ = nullptr;
  static inline const TrainResult* result_ = nullptr;
};

}  // namespace bertune
