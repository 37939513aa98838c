// SPDX-License-Identifier: Apache-2.0
#include "api/check_task_options.h"

#include <gtest/gtest.h>

#include <string>

#include "bertune/error.h"
#include "tasks/tasks.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

template <typename Options>
std::string refusal(const std::string& task, const Options& options) {
  try {
    check_task_options(make_task(task)->description(), options);
  } catch (const Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}

TEST(TaskOptions, AreRefusedWhereTheTaskHasNoUseForThem) {
  EXPECT_EQ(refusal("text_classification", TrainOptions{.answer = {.n_best = 5}}),
            "n_best is 5, but text_classification has no use for it | leave it out; it is for "
            "question_answering");
  EXPECT_EQ(refusal("fill_mask", TrainOptions{.text = {.doc_stride = 16}}),
            "doc_stride is 16, but fill_mask has no use for it | leave it out; it is for "
            "question_answering and token_classification");
  EXPECT_EQ(refusal("question_answering", TrainOptions{.masking = {.whole_word_mask = true}}),
            "whole_word_mask is true, but question_answering has no use for it | leave it out; "
            "it is for fill_mask");
  EXPECT_EQ(refusal("token_classification", PredictRequest{.answer = {.max_answer_length = 3}}),
            "max_answer_length is 3, but token_classification has no use for it | leave it out; "
            "it is for question_answering");
}

TEST(TaskOptions, NameFilesThatTheTaskWritesAndThatCanBeWritten) {
  for (const char* task : {"text_classification", "token_classification", "fill_mask"}) {
    EXPECT_NE(refusal(task, EvaluateRequest{.files = {.nbest = "n"}}).find("nbest is n, but"),
              std::string::npos);
  }
  EXPECT_NE(refusal("question_answering", EvaluateRequest{.files = {.confusion = "c"}})
                .find("confusion is"),
            std::string::npos);
  EXPECT_NE(refusal("fill_mask", ScoreRequest{.predictions = "s"}).find("predictions is s, but"),
            std::string::npos);
  const TemporaryFolder folder;
  put_file(folder / "file", "");
  const std::string file = (folder / "file/in").string();
  for (const EvaluateFiles& files :
       {EvaluateFiles{.predictions = file}, EvaluateFiles{.confusion = file}}) {
    EXPECT_EQ(
        refusal("text_classification", EvaluateRequest{.files = files}),
        "cannot create '" + (folder / "file").string() +
            "': Not a directory | a part of the path is a file, not a folder; choose another path");
  }
}

TEST(TaskOptions, AreTakenByTheTasksThatReadThem) {
  const TextOptions common{.max_seq_length = 64, .do_lower_case = true};
  for (const std::string& task : task_names()) {
    EXPECT_EQ(refusal(task, TrainOptions{.text = common}), "") << task;
  }
  const DataOptions columns{
      .labels = "a,b", .text_column = "t", .text_pair_column = "p", .label_column = "l"};
  EXPECT_EQ(refusal("text_classification", TrainOptions{.data = columns}), "");
  const DataOptions tags{
      .labels = "O,B-X", .word_column = 1, .tag_column = 2, .tag_scheme = "iob1", .strict = true};
  EXPECT_EQ(refusal("token_classification", EvaluateRequest{.data = tags}), "");
  const AnswerOptions answer{.n_best = 3, .max_answer_length = 9, .null_threshold = 1.5};
  EXPECT_EQ(refusal("question_answering", PredictRequest{.answer = answer}), "");
  const MaskingOptions masks{.mask_probability = 0.2, .whole_word_mask = true};
  EXPECT_EQ(refusal("fill_mask", TrainOptions{.masking = masks}), "");
}

}  // namespace
}  // namespace bertune
