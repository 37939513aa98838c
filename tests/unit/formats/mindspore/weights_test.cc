// SPDX-License-Identifier: Apache-2.0
// Loading and writing a MindSpore BERT: names, transposed weights, missing tensors, and the round
// trip.
#include "formats/mindspore/weights.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expect_error.h"
#include "formats/huggingface/config.h"
#include "formats/weights.h"
#include "model/heads/heads.h"
#include "temporary_folder.h"
#include "unit/formats/mindspore/bytes.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

const fs::path kTiny = std::string(BERTUNE_TEST_DATA) + "/mindspore/tiny";
const fs::path kGolden = std::string(BERTUNE_TEST_DATA) + "/golden/tiny_gelu_new";

class MindSporeWeightsTest : public testing::Test {
 protected:
  MindSporeWeightsTest() { fs::copy(kTiny, folder / "model"); }

  const fs::path& checkpoint() const { return checkpoint_; }
  void replace(const std::string& from, const std::string& to) {
    std::string bytes = get_file(checkpoint());
    bytes.resize(bytes.size() - 17);  // the checksum
    for (size_t i = 0; (i = bytes.find(from, i)) != bytes.npos;) bytes.replace(i, from.size(), to);
    put_file(checkpoint(), bytes);
  }

  TemporaryFolder folder;
  const fs::path checkpoint_ = folder / "model/tiny.ckpt";
  const BertConfig config = read_config(find_model_files(kGolden));
  const ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
};

TEST_F(MindSporeWeightsTest, IsTheModelThatItWasMadeOf) {
  const std::vector<float> golden = read_weights(find_model_files(kGolden), list).values;
  for (const fs::path& model : {kTiny, kTiny / "tiny.ckpt"}) {
    const ModelFiles files = find_model_files(model);
    EXPECT_EQ(config_json(read_config(files), "x"), config_json(config, "x"));
    const HostWeights weights = read_weights(files, list);
    EXPECT_EQ(weights.values, golden);
    EXPECT_TRUE(weights.missing_head.empty());
  }
}

TEST_F(MindSporeWeightsTest, TheWayBackIsEqual) {
  const std::vector<float> golden = read_weights(find_model_files(kGolden), list).values;
  write_mindspore_weights(checkpoint(), list, golden);
  EXPECT_EQ(read_weights(find_model_files(checkpoint()), list).values, golden);
}

TEST_F(MindSporeWeightsTest, AHeadThatIsMissingIsReturned) {
  replace("qa_outputs.", "zz_outputs.");
  EXPECT_EQ(read_weights(find_model_files(checkpoint()), list).missing_head,
            (std::vector<std::string>{"qa_outputs.weight", "qa_outputs.bias"}));
}

TEST_F(MindSporeWeightsTest, WhatIsMissingIsNamedAsItIsThere) {
  replace("blocks.0.attention.projection.weight", "blocks.9.attention.projection.weight");
  expect_error(
      ErrorKind::kInput,
      {"bert.bert_encoder.encoder.blocks.0.attention.projection.weight", "[18, 18]", "tiny.ckpt"},
      [&] { read_weights(find_model_files(checkpoint()), list); });
}

TEST_F(MindSporeWeightsTest, AnotherModelIsRefused) {
  put_file(checkpoint(), mindspore_message("conv1.weight", {1}, "Float32", float_bytes({1})));
  expect_error(ErrorKind::kInput,
               {"bert.word_embedding.embedding_table", "1 tensors", "conv1.weight"},
               [&] { read_weights(find_model_files(checkpoint()), list); });
}

TEST_F(MindSporeWeightsTest, AnotherShapeIsNamedAsItIsThere) {
  BertConfig wider = config;
  wider.intermediate_size = 36;
  expect_error(ErrorKind::kInput, {"blocks.0.output.mapping.weight", "[18, 36]", "[18, 28]"}, [&] {
    read_weights(find_model_files(checkpoint()),
                 list_parameters(wider, HeadKind::kQuestionAnswering));
  });
}

TEST_F(MindSporeWeightsTest, EveryHeadHasItsName) {
  const auto name = [](const std::string& parameter) { return mindspore_names(parameter)[0].name; };
  EXPECT_EQ(name("classifier.weight"), "classifier.weight");
  EXPECT_EQ(name("bert.pooler.dense.bias"), "bert.dense.bias");
  EXPECT_EQ(name("cls.predictions.transform.dense.weight"), "mlmloss.dense.weight");
  EXPECT_EQ(name("cls.predictions.transform.LayerNorm.weight"), "mlmloss.layernorm.gamma");
  EXPECT_EQ(name("cls.predictions.bias"), "mlmloss.output_bias");
  EXPECT_EQ(mindspore_names("cls.predictions.bias")[1].name, "bert.mlmloss.output_bias");
  EXPECT_EQ(name("cls.seq_relationship.weight"), "nsploss.dense.weight");
  EXPECT_EQ(name("bert.encoder.layer.11.output.LayerNorm.bias"),
            "bert.bert_encoder.encoder.blocks.11.layernorm1.beta");
  EXPECT_TRUE(mindspore_names("bert.something").empty());
  EXPECT_TRUE(mindspore_names("bert.encoder.layer.0.something").empty());
}

}  // namespace
}  // namespace bertune
