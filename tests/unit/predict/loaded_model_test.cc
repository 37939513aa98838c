// SPDX-License-Identifier: Apache-2.0
// A checkpoint folder's information about its training is validated before it is used, and so is
// the memory that its weights need.
#include "predict/loaded_model.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

class CheckpointTest : public testing::Test {
 protected:
  CheckpointTest() {
    std::filesystem::copy(BERTUNE_TEST_DATA "/golden/tiny_gelu", folder_.path(),
                          std::filesystem::copy_options::recursive |
                              std::filesystem::copy_options::overwrite_existing);
  }
  Checkpoint open(const std::string& options) {
    put_file(folder_ / "training_state.json",
             R"({"format": 1, "step": 1, "epoch": 0, "seed": 1, "options": )" + options + "}");
    return open_checkpoint(folder_.path(), "question_answering");
  }
  void refuse(const std::string& options, const std::string& part) {
    expect_error(ErrorKind::kInput, {"training_state.json", part}, [&] { open(options); });
  }

  TemporaryFolder folder_;
};

TEST_F(CheckpointTest, TakesTheLimitsThatItWasTrainedWith) {
  const Checkpoint checkpoint = open(R"({"max_seq_length": 20, "doc_stride": 4})");
  EXPECT_EQ(checkpoint.limits.max_seq_length, 20);
  EXPECT_EQ(checkpoint.limits.doc_stride, 4);
}

TEST_F(CheckpointTest, HidesWordsAsItsTrainingDid) {
  const MaskingOptions given =
      open(R"({"mask_probability": 0.3, "whole_word_mask": true})").masking;
  EXPECT_EQ(given.mask_probability, 0.3);
  EXPECT_TRUE(given.whole_word_mask);
  const MaskingOptions standard = open("{}").masking;
  EXPECT_EQ(standard.mask_probability, MaskingOptions{}.mask_probability);
  EXPECT_FALSE(standard.whole_word_mask);
  refuse(R"({"mask_probability": "0.3"})", "mask_probability");
  refuse(R"({"mask_probability": 0})", "above 0 and below 1");
  refuse(R"({"mask_probability": 1.5})", "above 0 and below 1");
  refuse(R"({"whole_word_mask": 1})", "whole_word_mask");
}

TEST_F(CheckpointTest, AFolderOfAnotherOriginHasTheStandards) {
  const Checkpoint checkpoint = open_checkpoint(folder_.path(), "question_answering");
  EXPECT_EQ(checkpoint.masking.mask_probability, MaskingOptions{}.mask_probability);
  EXPECT_EQ(checkpoint.limits.max_seq_length, checkpoint.config.max_position_embeddings);
}

// transformers writes neither the two labels that it gives every classifier nor, in some tools, the
// architecture.
TEST_F(CheckpointTest, WithoutLabelsAClassifierHasTwo) {
  for (const char* task : {"text_classification", "token_classification"}) {
    const std::filesystem::path config = folder_ / "config.json";
    nlohmann::json root = nlohmann::json::parse(get_file(config));
    root.erase("architectures");
    put_file(config, root.dump());
    EXPECT_EQ(open_checkpoint(folder_.path(), task).config.label_count(), 2) << task;
  }
}

TEST_F(CheckpointTest, AFolderWithoutAnArchitectureAsksForTheTask) {
  const std::filesystem::path config = folder_ / "config.json";
  nlohmann::json root = nlohmann::json::parse(get_file(config));
  root.erase("architectures");
  put_file(config, root.dump());
  const auto error = error_of([&] { open_checkpoint(folder_.path()); });
  ASSERT_TRUE(error.has_value());
  EXPECT_NE(error->message().find("has no \"architectures\""), std::string::npos);
  EXPECT_NE(error->hint().find("task=text_classification"), std::string::npos) << error->hint();
  EXPECT_EQ(open_checkpoint(folder_.path(), "question_answering").task->description().name,
            std::string("question_answering"));
}

TEST_F(CheckpointTest, RefusesLimitsThatNoModelCanHave) {
  refuse(R"({"max_seq_length": "20"})", "must be an integer");
  refuse(R"({"max_seq_length": 4294967316})", "4294967316");
  refuse(R"({"max_seq_length": -1})", "-1");
  refuse(R"({"max_seq_length": 20, "doc_stride": 20})", "\"doc_stride\" 20");
}

// A file without content, of the size that the parameters have.
void put_sparse_weights(const std::filesystem::path& path, const ParameterList& list) {
  nlohmann::json header;
  int64_t end = 0;
  for (const Parameter& parameter : list.parameters) {
    const int64_t begin = end;
    end += parameter.size() * static_cast<int64_t>(sizeof(float));
    header[parameter.name] = {
        {"dtype", "F32"}, {"shape", parameter.shape}, {"data_offsets", {begin, end}}};
  }
  const std::string text = header.dump();
  const uint64_t length = text.size();
  put_file(path, std::string(reinterpret_cast<const char*>(&length), sizeof(length)) + text);
  std::filesystem::resize_file(path, sizeof(length) + length + static_cast<uint64_t>(end));
}

TEST_F(CheckpointTest, RefusesWeightsThatMemoryCannotHoldBeforeReadingThem) {
  const std::filesystem::path path = folder_ / "config.json";
  nlohmann::json config = nlohmann::json::parse(get_file(path));
  config["hidden_size"] = 1 << 13;
  config["intermediate_size"] = 1 << 18;  // 8 GiB a matrix
  config["num_hidden_layers"] = 256;
  put_file(path, config.dump());
  Checkpoint checkpoint = open_checkpoint(folder_.path(), "question_answering");
  put_sparse_weights(folder_ / "model.safetensors",
                     list_parameters(checkpoint.config, checkpoint.task->description().head));
  expect_error(ErrorKind::kSystem, {"the weights of", "are available"},
               [&] { LoadedModel(std::move(checkpoint), {.precision = "fp32"}); });
}

}  // namespace
}  // namespace bertune
