// SPDX-License-Identifier: Apache-2.0
// The config next to a MindSpore checkpoint: YAML or JSON, its names for the sizes, what is
// rejected, and the two values that MindSpore's BERT fixes.
#include "formats/mindspore/config.h"

#include <gtest/gtest.h>

#include <string>

#include "expect_error.h"
#include "formats/huggingface/config.h"
#include "formats/model_files.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSizes =
    "hidden_size: 12\nnum_layers: 2\nnum_heads: 3\nvocab_size: 40\nmax_position_embeddings: 20\n";

ModelFiles files_of(const fs::path& model) {
  return find_model_files(model, {.vocabulary = false});
}

class MindSporeConfigTest : public testing::Test {
 protected:
  MindSporeConfigTest() { put_file(checkpoint, ""); }

  BertConfig read_yaml(const std::string& text) {
    put_file(folder / "bert.yaml", text);
    return read_config(files_of(folder.path()));
  }
  BertConfig read_json(const std::string& text) {
    put_file(folder / "config.json", text);
    return read_config(files_of(folder.path()));
  }
  void refuses(const std::string& yaml, const std::string& part) {
    expect_error(ErrorKind::kInput, {"bert.yaml", part}, [&] { read_yaml(yaml); });
  }

  TemporaryFolder folder;
  const fs::path checkpoint = folder / "bert.ckpt";
};

TEST_F(MindSporeConfigTest, YamlHasOtherNamesForTheSizes) {
  const BertConfig config = read_yaml(std::string(kSizes) + "hidden_dropout_prob: 0.25\n");
  EXPECT_EQ(config.hidden_size, 12);
  EXPECT_EQ(config.num_hidden_layers, 2);
  EXPECT_EQ(config.num_attention_heads, 3);
  EXPECT_EQ(config.intermediate_size, 48) << "four times the width where nothing is said";
  EXPECT_EQ(config.vocab_size, 40);
  EXPECT_EQ(config.max_position_embeddings, 20);
  EXPECT_EQ(config.hidden_dropout_prob, 0.25);
  EXPECT_EQ(config.layer_norm_eps, 1e-5);
  EXPECT_EQ(config.hidden_act, Activation::kGeluTanh);
  EXPECT_EQ(read_yaml(std::string(kSizes) + "expand_ratio: 2\n").intermediate_size, 24);
  EXPECT_EQ(read_yaml(std::string(kSizes) + "intermediate_size: 7\n").intermediate_size, 7);
}

TEST_F(MindSporeConfigTest, YamlMayBeNested) {
  std::string nested = "model:\n  model_config:\n    type: BertConfig\n    num_labels: 3\n";
  std::string flat = "model_config:\n";
  for (const char* line : {"hidden_size: 12", "num_hidden_layers: 2", "num_attention_heads: 3"}) {
    nested += "    " + std::string(line) + "\n";
    flat += "  " + std::string(line) + "\n";
  }
  EXPECT_EQ(read_yaml(flat).hidden_size, 12);
  const BertConfig config = read_yaml(nested);
  EXPECT_EQ(config.num_hidden_layers, 2);
  EXPECT_EQ(config.id2label.at(2), "LABEL_2");
  EXPECT_EQ(config.architecture, "");
  EXPECT_EQ(read_yaml(nested + "  arch:\n    type: BertForQuestionAnswering\n").architecture,
            "BertForQuestionAnswering");
  EXPECT_EQ(read_yaml(nested + "  arch: {type: BertForMultipleChoice}\n").architecture,
            "BertForSequenceClassification");
  EXPECT_EQ(read_yaml("model: {model_config: {hidden_size: 6, num_layers: 1, num_heads: 2}}")
                .intermediate_size,
            24);
}

TEST_F(MindSporeConfigTest, JsonMayHaveEitherNames) {
  EXPECT_EQ(read_json(R"({"embedding_size": 12, "num_layers": 2, "num_heads": 3})").hidden_size,
            12);
  const BertConfig config = read_json(
      R"({"hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3,
          "intermediate_size": 5, "layer_norm_eps": 1e-12, "hidden_act": "gelu"})");
  EXPECT_EQ(config.intermediate_size, 5);
  EXPECT_EQ(config.layer_norm_eps, 1e-5) << "what MindSpore's BERT computes with";
  EXPECT_EQ(config.hidden_act, Activation::kGeluTanh);
}

TEST_F(MindSporeConfigTest, WhatOurExportWroteHolds) {
  const BertConfig own{.hidden_size = 12,
                       .num_attention_heads = 3,
                       .intermediate_size = 7,
                       .layer_norm_eps = 1e-7,
                       .id2label = {}};
  const BertConfig config = read_json(mindspore_config_json(own, "BertModel"));
  EXPECT_EQ(config_json(config, "x"), config_json(own, "x"));
}

TEST_F(MindSporeConfigTest, OtherModelsAreRefused) {
  refuses("num_layers: 2\nnum_heads: 2\n", "hidden_size");
  refuses(std::string(kSizes) + "use_relative_positions: True\n", "use_relative_positions");
  refuses(std::string(kSizes) + "post_layernorm_residual: false\n", "post_layernorm_residual");
  refuses(std::string(kSizes) + "use_moe: True\n", "use_moe");
  refuses(std::string(kSizes) + "type: GPT2Config\n", "GPT2Config");
  refuses(std::string(kSizes) + "hidden_act: relu\n", "relu");
  refuses(std::string(kSizes) + "num_labels: 99999999999\n", "num_labels");
  refuses("hidden_size: wide\nnum_layers: 2\nnum_heads: 2\n", "hidden_size");
  refuses("hidden_size: \"12\"\nnum_layers: 2\nnum_heads: 2\n", "hidden_size");
  refuses("embedding_size: 4611686018427387904\nnum_layers: 2\nnum_heads: 2\nexpand_ratio: 8\n",
          "large");
}

TEST_F(MindSporeConfigTest, OnlyGeluIsExported) {
  for (const Activation activation : {Activation::kGelu, Activation::kGeluTanh})
    EXPECT_NO_THROW(require_mindspore_model({.hidden_act = activation}));
  expect_error(ErrorKind::kInput, {"distilbert"},
               [] { require_mindspore_model({.model_type = "distilbert"}); });
  const BertConfig other{.hidden_act = Activation::kSilu, .hidden_act_name = "swish"};
  expect_error(ErrorKind::kInput, {"swish"}, [&] { require_mindspore_model(other); });
}

TEST_F(MindSporeConfigTest, WhatIsNoYamlIsRefused) {
  refuses("a: [1, 2", "YAML");
  refuses("- 1\n- 2\n", "no settings");
  refuses("", "no settings");
  refuses(std::string(2 << 20, ' '), "too many");
  refuses(std::string(5000, '['), "YAML");
  // Nested aliases that would expand to a billion scalars cost nothing.
  std::string bomb = "a0: &a0 {x: 1}\n";
  for (int i = 1; i < 30; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    bomb +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last + ", " + last + "]\n";
  }
  refuses(bomb, "hidden_size");
}

TEST_F(MindSporeConfigTest, TheRightFileIsChosen) {
  expect_error(ErrorKind::kSystem, {"bert.ckpt"}, [&] { read_config(files_of(checkpoint)); });
  put_file(folder / "one.yaml", "");
  EXPECT_EQ(find_mindspore_config(checkpoint), folder / "one.yaml");
  put_file(folder / "two.yml", "");
  expect_error(ErrorKind::kUsage, {"2 YAML"}, [&] { read_config(files_of(checkpoint)); });
  put_file(folder / "bert.yml", "");
  EXPECT_EQ(find_mindspore_config(checkpoint), folder / "bert.yml");
  put_file(folder / "bert.yaml", "");
  EXPECT_EQ(find_mindspore_config(checkpoint), folder / "bert.yaml");
  put_file(folder / "config.json", "{}");
  EXPECT_EQ(find_mindspore_config(checkpoint), folder / "config.json");
}

}  // namespace
}  // namespace bertune
