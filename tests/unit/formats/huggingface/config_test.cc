// SPDX-License-Identifier: Apache-2.0
// config.json: transformers' defaults, errors that name the unsupported setting, and the round
// trip.
#include "formats/huggingface/config.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/json_file.h"
#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

class ConfigTest : public testing::Test {
 protected:
  BertConfig read(const std::string& text) {
    put_file(folder / "config.json", text);
    return parse_config(JsonFile(folder / "config.json"));
  }
  std::string hint(const std::string& text) {
    const std::optional<Error> error = error_of([&] { read(text); });
    return error ? error->hint() : "";
  }
  // Expects that `text` is rejected with a message that contains the file's name and all of
  // `parts`.
  void refuses(const std::string& text, std::initializer_list<std::string> parts) {
    SCOPED_TRACE(text);
    expect_error(ErrorKind::kInput, {"config.json"}, [&] { read(text); });
    expect_error(ErrorKind::kInput, parts, [&] { read(text); });
  }

  TemporaryFolder folder;
};

TEST_F(ConfigTest, MissingKeysAreTransformersDefaults) {
  const BertConfig config = read("{}");
  EXPECT_EQ(config.vocab_size, 30522);
  EXPECT_EQ(config.hidden_size, 768);
  EXPECT_EQ(config.num_hidden_layers, 12);
  EXPECT_EQ(config.head_size(), 64);
  EXPECT_EQ(config.intermediate_size, 3072);
  EXPECT_EQ(config.max_position_embeddings, 512);
  EXPECT_EQ(config.type_vocab_size, 2);
  EXPECT_EQ(config.hidden_act, Activation::kGelu);
  EXPECT_EQ(config.layer_norm_eps, 1e-12);
  EXPECT_EQ(config.pad_token_id, 0);
  EXPECT_TRUE(config.id2label.empty());
}

TEST_F(ConfigTest, AClassifierWithoutLabelsHasTransformersTwo) {
  const std::map<int64_t, std::string> two{{0, "LABEL_0"}, {1, "LABEL_1"}};
  for (const char* name : {"BertForSequenceClassification", "BertForTokenClassification"}) {
    const std::string text = R"({"architectures": [")" + std::string(name) + "\"]";
    EXPECT_EQ(read(text + "}").id2label, two) << name;
    EXPECT_EQ(read(text + R"(, "id2label": null})").id2label, two) << name;
    EXPECT_EQ(read(text + R"(, "num_labels": 3})").label_count(), 3) << name;
  }
  EXPECT_TRUE(read(R"({"architectures": ["BertForQuestionAnswering"]})").id2label.empty());
}

TEST_F(ConfigTest, ReadsWhatTransformersWrote) {
  const BertConfig config =
      parse_config(JsonFile(std::string(BERTUNE_TEST_DATA) + "/golden/tiny_gelu_new/config.json"));
  EXPECT_EQ(config.hidden_act, Activation::kGeluTanh);
  EXPECT_EQ(config.hidden_size, 18);
  EXPECT_EQ(config.num_attention_heads, 3);
  EXPECT_EQ(config.layer_norm_eps, 1e-5);
  EXPECT_EQ(config.hidden_dropout_prob, 0.1);
}

TEST_F(ConfigTest, NullIsAMissingKey) {
  EXPECT_EQ(read(R"({"pad_token_id": null, "hidden_size": null, "quantization_config": null})")
                .hidden_size,
            768);
  EXPECT_TRUE(read(R"({"data_columns": null})").data_columns.empty());
}

// tests/golden/activation_test.cc compares each of them with PyTorch.
TEST_F(ConfigTest, KeepsTheNameOfTheActivation) {
  for (const char* name : {"gelu", "gelu_python", "gelu_pytorch_tanh", "gelu_fast", "swish", "silu",
                           "relu", "quick_gelu", "mish", "tanh"}) {
    const BertConfig config = read(R"({"hidden_act": ")" + std::string(name) + "\"}");
    const auto root = nlohmann::json::parse(config_json(config, "BertForMaskedLM"));
    EXPECT_EQ(root["hidden_act"], name);
  }
  const BertConfig made{.hidden_act = Activation::kSilu};
  EXPECT_EQ(nlohmann::json::parse(config_json(made, "BertForMaskedLM"))["hidden_act"], "silu");
}

TEST_F(ConfigTest, ListsTheActivationsThatWork) {
  const std::string list = hint(R"({"hidden_act": "relu6"})");
  for (const char* name : {"gelu", "gelu_new", "relu", "silu", "swish", "quick_gelu", "mish"})
    EXPECT_NE(list.find(name), std::string::npos) << list;
}

// transformers' keys that we leave to their defaults.
bool is_left_out(const std::string& key) {
  return key == "transformers_version" || key == "sinusoidal_pos_embds" ||
         key.starts_with("summary_");
}

TEST_F(ConfigTest, WritesTheKeysOfEachRelative) {
  for (const char* name : {"tiny_distilbert_qa", "tiny_electra_qa", "tiny_electra_sequence"}) {
    const JsonFile file(std::string(BERTUNE_TEST_DATA) + "/golden/" + name + "/config.json");
    const BertConfig config = parse_config(file);
    const auto ours = nlohmann::json::parse(config_json(config, config.architecture));
    for (const auto& [key, value] : file.root().items()) {
      if (is_left_out(key)) continue;
      ASSERT_TRUE(ours.contains(key)) << name << ": " << key;
      EXPECT_EQ(ours[key], value) << name << ": " << key;
    }
  }
}

TEST_F(ConfigTest, EachRelativeHasItsDefaults) {
  const BertConfig distilbert = read(R"({"model_type": "distilbert"})");
  EXPECT_EQ(distilbert.num_hidden_layers, 6);
  EXPECT_EQ(distilbert.qa_dropout, 0.1);
  EXPECT_EQ(distilbert.sequence_dropout_prob(), 0.2);
  EXPECT_EQ(distilbert.classifier_dropout_prob(), 0.1);
  const BertConfig electra = read(R"({"model_type": "electra"})");
  EXPECT_EQ(electra.embedding_width(), 128);
  EXPECT_EQ(electra.hidden_size, 256);
  EXPECT_EQ(electra.sequence_dropout_prob(), 0.1);
  EXPECT_EQ(read("{}").qa_dropout, 0.0);
  refuses(R"({"model_type": "distilbert", "sinusoidal_pos_embds": true})",
          {"sinusoidal_pos_embds"});
}

TEST_F(ConfigTest, RefusesOtherModelsByName) {
  for (const char* type : {"albert", "xlm-roberta", "deberta-v2", "gpt2"}) {
    const std::string text = R"({"model_type": ")" + std::string(type) + "\"}";
    refuses(text, {"model_type", type, "distilbert", "electra"});
    EXPECT_NE(hint(text).find("use "), std::string::npos) << type;
  }
  refuses(R"({"model_type": "roberta"})", {"model_type", "roberta"});
  refuses(R"({"position_embedding_type": "relative_key"})",
          {"position_embedding_type", "relative_key"});
  refuses(R"({"is_decoder": true})", {"is_decoder"});
  refuses(R"({"add_cross_attention": true})", {"add_cross_attention"});
  refuses(R"({"pruned_heads": {"0": [1]}})", {"pruned_heads"});
  refuses(R"({"quantization_config": {"quant_method": "bitsandbytes"}})",
          {"quantization_config", "bitsandbytes"});
  refuses(R"({"quantization_config": 4})", {"quantization_config"});
  for (const char* name : {"relu6", "leaky_relu", "gelu_10", "Gelu"})
    refuses(R"({"hidden_act": ")" + std::string(name) + "\"}", {"hidden_act", name});
}

TEST_F(ConfigTest, SaysWhatToDoAboutOtherModels) {
  for (const char* text : {R"({"position_embedding_type": "relative_key"})",
                           R"({"is_decoder": true})", R"({"add_cross_attention": true})",
                           R"({"pruned_heads": {"0": [1]}})", R"({"quantization_config": {}})"}) {
    EXPECT_NE(hint(text).find("use "), std::string::npos) << text << hint(text);
  }
}

TEST_F(ConfigTest, RefusesSizesThatDoNotFit) {
  refuses(R"({"hidden_size": 100})", {"100", "12"});
  refuses(R"({"hidden_size": 0})", {"hidden_size", "0"});
  refuses(R"({"num_hidden_layers": -1})", {"num_hidden_layers", "-1"});
  refuses(R"({"num_attention_heads": 0})", {"num_attention_heads"});
  refuses(R"({"vocab_size": 9000000000000})", {"vocab_size", "9000000000000"});
  refuses(R"({"vocab_size": 18446744073709551615})", {"vocab_size"});
  refuses(R"({"pad_token_id": 30522})", {"pad_token_id"});
  refuses(R"({"hidden_dropout_prob": 1.0})", {"hidden_dropout_prob"});
  refuses(R"({"attention_probs_dropout_prob": -0.1})", {"attention_probs_dropout_prob"});
  refuses(R"({"layer_norm_eps": 0})", {"layer_norm_eps"});
}

TEST_F(ConfigTest, RefusesWrongTypes) {
  refuses(R"({"hidden_size": "768"})", {"hidden_size", "\"768\""});
  refuses(R"({"hidden_size": 768.0})", {"hidden_size"});
  refuses(R"({"hidden_size": true})", {"hidden_size"});
  refuses(R"({"hidden_size": [768]})", {"hidden_size"});
  refuses(R"({"hidden_dropout_prob": "0.1"})", {"hidden_dropout_prob"});
  refuses(R"({"hidden_act": 3})", {"hidden_act"});
  refuses(R"({"model_type": ["bert"]})", {"model_type"});
  refuses(R"({"is_decoder": "no"})", {"is_decoder"});
  refuses(R"({"id2label": ["a", "b"]})", {"id2label"});
  refuses(R"({"id2label": {"0": 1}})", {"id2label", "0"});
  refuses(R"({"id2label": {"one": "a"}})", {"id2label", "one"});
  refuses(R"({"id2label": {"-1": "a"}})", {"id2label", "-1"});
  refuses(R"({"data_columns": "text"})", {"data_columns"});
  refuses(R"({"data_columns": {"word_column": 2}})", {"data_columns", "word_column"});
}

TEST_F(ConfigTest, RefusesWhatIsNotAnObject) {
  for (const char* text : {"", "{", "[]", "null", "\"bert\"", "{} {}", "{\"a\": \xff}"})
    refuses(text, {"config.json"});
}

TEST_F(ConfigTest, NamesTheMissingFile) {
  expect_error(ErrorKind::kSystem, {"config.json"}, [&] { JsonFile(folder / "config.json"); });
}

TEST_F(ConfigTest, WhatIsWrittenReadsBackEqual) {
  BertConfig config{.vocab_size = 99,
                    .hidden_size = 24,
                    .num_hidden_layers = 3,
                    .num_attention_heads = 2,
                    .intermediate_size = 7,
                    .max_position_embeddings = 33,
                    .type_vocab_size = 3,
                    .hidden_act = Activation::kGeluTanh,
                    .layer_norm_eps = 1e-5,
                    .hidden_dropout_prob = 0.0,
                    .attention_probs_dropout_prob = 0.25,
                    .initializer_range = 0.01,
                    .pad_token_id = 4,
                    .id2label = {{0, "O"}, {1, "B-\u4eba"}, {10, "I"}},
                    .empty_answers = true,
                    .data_columns = {{"text_column", "review"}, {"word_column", "2"}}};
  const std::string text = config_json(config, "BertForQuestionAnswering");
  const BertConfig again = read(text);
  EXPECT_EQ(config_json(again, "BertForQuestionAnswering"), text);
  EXPECT_EQ(again.id2label, config.id2label);
  EXPECT_EQ(again.data_columns, config.data_columns);
  EXPECT_TRUE(again.empty_answers);
  EXPECT_EQ(again.hidden_act, config.hidden_act);
  EXPECT_EQ(again.attention_probs_dropout_prob, 0.25);
  EXPECT_EQ(again.pad_token_id, 4);
}

TEST_F(ConfigTest, WritesWhatTransformersLooksFor) {
  BertConfig config;
  config.id2label = {{0, "no"}, {1, "yes"}};
  const auto root = nlohmann::json::parse(config_json(config, "BertForSequenceClassification"));
  EXPECT_EQ(root["model_type"], "bert");
  EXPECT_EQ(root["architectures"], nlohmann::json::array({"BertForSequenceClassification"}));
  EXPECT_EQ(root["dtype"], "float32");
  EXPECT_EQ(root["id2label"]["1"], "yes");
  EXPECT_EQ(root["label2id"]["yes"], 1);
  EXPECT_EQ(root["layer_norm_eps"], 1e-12);
}

TEST_F(ConfigTest, KeepsWhatClassifiersNeed) {
  BertConfig config;
  set_regression(config);
  config.classifier_dropout = 0.25;
  const BertConfig again = read(config_json(config, "BertForSequenceClassification"));
  EXPECT_EQ(again.label_count(), 1);
  EXPECT_EQ(again.problem_type, "regression");
  EXPECT_EQ(again.classifier_dropout_prob(), 0.25);
  EXPECT_EQ(read(R"({"hidden_dropout_prob": 0.5})").classifier_dropout_prob(), 0.5);
  EXPECT_EQ(read(R"({"num_labels": 3})").id2label.at(2), "LABEL_2");
  EXPECT_FALSE(read(R"({"tie_word_embeddings": false})").tie_word_embeddings);
  refuses(R"({"classifier_dropout": 1.0})", {"classifier_dropout"});
  refuses(R"({"num_labels": -1})", {"num_labels"});
  refuses(R"({"problem_type": 3})", {"problem_type"});
}

TEST_F(ConfigTest, WritesTheKeysOfTransformers) {
  const std::string golden = std::string(BERTUNE_TEST_DATA) + "/golden/tiny_gelu";
  const JsonFile file(golden + "/config.json");
  auto theirs = file.root();
  theirs.erase("transformers_version");
  const auto ours =
      nlohmann::json::parse(config_json(parse_config(file), "BertForQuestionAnswering"));
  EXPECT_EQ(ours, theirs);
}

}  // namespace
}  // namespace bertune
