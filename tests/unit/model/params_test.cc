// SPDX-License-Identifier: Apache-2.0
// The list of parameters and the views of it: no two parameters overlap, and query, key and value
// form one matrix.
#include "model/params.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "expect_error.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

// No size is a multiple of the alignment.
BertConfig small_config() {
  return {.vocab_size = 11,
          .hidden_size = 6,
          .num_hidden_layers = 2,
          .num_attention_heads = 2,
          .intermediate_size = 9,
          .max_position_embeddings = 5,
          .type_vocab_size = 3,
          .id2label = {}};
}

std::map<std::string, Parameter> by_name(const ParameterList& list) {
  std::map<std::string, Parameter> names;
  for (const Parameter& parameter : list.parameters) names[parameter.name] = parameter;
  return names;
}

// A buffer in which every element's value is its own offset.
struct Counted {
  explicit Counted(int64_t size) : values(static_cast<size_t>(size)) {
    std::iota(values.begin(), values.end(), 0.0);
  }
  Tensor flat() {
    const auto size = static_cast<int64_t>(values.size());
    return {values.data(), DType::kF64, 1, size, size};
  }
  std::vector<double> values;
};

int64_t first(const Tensor& view) { return static_cast<int64_t>(view.as<double>()(0, 0)); }

TEST(ParamsTest, CountsOfBertBase) {
  int64_t elements = 0;
  const ParameterList list = list_parameters(BertConfig{}, HeadKind::kQuestionAnswering);
  for (const Parameter& parameter : list.parameters) elements += parameter.size();
  EXPECT_EQ(list.parameters.size(), 5u + 12 * 16 + 2);
  EXPECT_EQ(elements, 108893186);  // transformers' num_parameters()
}

TEST(ParamsTest, NoTwoParametersShareAPlace) {
  const ParameterList list = list_parameters(small_config(), HeadKind::kQuestionAnswering);
  int64_t end = 0;
  std::set<std::string> names;
  for (const Parameter& parameter : list.parameters) {
    EXPECT_GE(parameter.offset, end) << parameter.name;
    EXPECT_LT(parameter.offset - end, 16) << parameter.name;
    end = parameter.offset + parameter.size();
    EXPECT_TRUE(names.insert(parameter.name).second) << parameter.name;
  }
  EXPECT_GE(list.size, end);
  EXPECT_EQ(list.size % 16, 0);
}

TEST(ParamsTest, OnlyKeyAndValueAreUnaligned) {
  for (const Parameter& parameter :
       list_parameters(small_config(), HeadKind::kQuestionAnswering).parameters) {
    const bool joins = parameter.name.find(".self.key.") != std::string::npos ||
                       parameter.name.find(".self.value.") != std::string::npos;
    if (!joins) {
      EXPECT_EQ(parameter.offset % 16, 0) << parameter.name;
    }
  }
}

TEST(ParamsTest, WeightsDecayBiasesAndNormsDoNot) {
  for (const Parameter& parameter :
       list_parameters(small_config(), HeadKind::kQuestionAnswering).parameters) {
    EXPECT_EQ(parameter.decay(), parameter.shape.size() == 2) << parameter.name;
    EXPECT_EQ(parameter.in_head(), parameter.name.starts_with("qa_outputs")) << parameter.name;
  }
}

TEST(ParamsTest, WithoutAHeadThereIsOnlyTheEncoder) {
  const auto names = by_name(list_parameters(small_config(), HeadKind::kNone));
  EXPECT_EQ(names.size(), 5u + 2 * 16);
  EXPECT_EQ(names.count("qa_outputs.weight"), 0u);
  EXPECT_EQ(names.count("bert.pooler.dense.weight"), 0u);
}

TEST(ParamsTest, ViewsStandOnTheListsOffsets) {
  const BertConfig config = small_config();
  const ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
  Counted counted(list.size);
  const BertParams views = view_parameters(config, HeadKind::kQuestionAnswering, counted.flat());
  auto names = by_name(list);
  const std::string layer = "bert.encoder.layer.1.";
  EXPECT_EQ(first(views.word), names["bert.embeddings.word_embeddings.weight"].offset);
  EXPECT_EQ(first(views.type), names["bert.embeddings.token_type_embeddings.weight"].offset);
  EXPECT_EQ(first(views.embedding_norm.beta), names["bert.embeddings.LayerNorm.bias"].offset);
  EXPECT_EQ(first(views.layers[1].output.weight),
            names[layer + "attention.output.dense.weight"].offset);
  EXPECT_EQ(first(views.layers[1].attention_norm.gamma),
            names[layer + "attention.output.LayerNorm.weight"].offset);
  EXPECT_EQ(first(views.layers[1].up.bias), names[layer + "intermediate.dense.bias"].offset);
  EXPECT_EQ(first(views.layers[1].down.weight), names[layer + "output.dense.weight"].offset);
  EXPECT_EQ(first(views.layers[1].output_norm.beta), names[layer + "output.LayerNorm.bias"].offset);
  EXPECT_EQ(first(views.head.weight), names["qa_outputs.weight"].offset);
  EXPECT_EQ(first(views.head.bias), names["qa_outputs.bias"].offset);
}

TEST(ParamsTest, ViewsHaveTheShapesThatTheyPromise) {
  const BertConfig config = small_config();
  Counted counted(list_parameters(config, HeadKind::kQuestionAnswering).size);
  const BertParams views = view_parameters(config, HeadKind::kQuestionAnswering, counted.flat());
  using Shape = std::pair<int64_t, int64_t>;
  const auto shape = [](const Tensor& view) { return Shape(view.rows, view.cols); };
  EXPECT_EQ(shape(views.word), Shape(11, 6));
  EXPECT_EQ(shape(views.position), Shape(5, 6));
  EXPECT_EQ(shape(views.type), Shape(3, 6));
  EXPECT_EQ(shape(views.embedding_norm.gamma), Shape(1, 6));
  ASSERT_EQ(views.layers.size(), 2u);
  EXPECT_EQ(shape(views.layers[0].qkv.weight), Shape(18, 6));
  EXPECT_EQ(shape(views.layers[0].qkv.bias), Shape(1, 18));
  EXPECT_EQ(shape(views.layers[0].up.weight), Shape(9, 6));
  EXPECT_EQ(shape(views.layers[0].down.weight), Shape(6, 9));
  EXPECT_EQ(shape(views.head.weight), Shape(2, 6));
  EXPECT_TRUE(views.layers[0].qkv.weight.is_dense());
}

TEST(ParamsTest, QueryKeyAndValueAreRowsOfOneMatrix) {
  const BertConfig config = small_config();
  const ParameterList list = list_parameters(config, HeadKind::kNone);
  Counted counted(list.size);
  const LinearParams qkv = view_parameters(config, HeadKind::kNone, counted.flat()).layers[0].qkv;
  auto names = by_name(list);
  const char* const parts[] = {"query", "key", "value"};
  for (int64_t i = 0; i < 3; ++i) {
    const std::string name = std::string("bert.encoder.layer.0.attention.self.") + parts[i];
    EXPECT_EQ(first(qkv.weight.slice_rows(6 * i, 6)), names[name + ".weight"].offset);
    EXPECT_EQ(first(qkv.bias.slice_cols(6 * i, 6)), names[name + ".bias"].offset);
  }
}

TEST(ParamsTest, MatricesAreTheWeightsOfTheLinearMaps) {
  const BertConfig config = small_config();
  const ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
  Counted counted(list.size);
  const BertParams views = view_parameters(config, HeadKind::kQuestionAnswering, counted.flat());
  std::vector<Tensor> expected;
  for (const LayerParams& layer : views.layers) {
    for (const LinearParams& linear : {layer.qkv, layer.output, layer.up, layer.down}) {
      expected.push_back(linear.weight);
    }
  }
  expected.push_back(views.head.weight);
  ASSERT_EQ(list.matrices.size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(list.matrices[i].offset, first(expected[i]));
    EXPECT_EQ(list.matrices[i].out, expected[i].rows);
    EXPECT_EQ(list.matrices[i].in, expected[i].cols);
  }
}

TEST(ParamsTest, TheDecoderIsTheTableOfWords) {
  const BertConfig config = small_config();
  const ParameterList list = list_parameters(config, HeadKind::kMaskedLanguageModel);
  Counted counted(list.size);
  const BertParams views = view_parameters(config, HeadKind::kMaskedLanguageModel, counted.flat());
  EXPECT_EQ(views.head.weight.data, views.word.data);
  EXPECT_EQ(views.head.weight.rows, 11);
  EXPECT_EQ(views.head.bias.cols, 11);
  ASSERT_EQ(list.matrices.size(), 2u * 4 + 2);
  EXPECT_EQ(list.matrices[8].offset, first(views.transform.weight));
  EXPECT_EQ(list.matrices[9].offset, first(views.word));
  EXPECT_EQ(list.matrices[9].out, 11);
  EXPECT_EQ(list.matrices[9].in, 6);
}

TEST(ParamsTest, TheNextSentenceClassifierIsKeptAndNotTrained) {
  const auto names = by_name(list_parameters(small_config(), HeadKind::kPreTraining));
  const auto masked = by_name(list_parameters(small_config(), HeadKind::kMaskedLanguageModel));
  EXPECT_EQ(names.size(), masked.size() + 4);
  for (const auto& [name, parameter] : names) {
    EXPECT_EQ(parameter.trained, masked.count(name) == 1) << name;
  }
  EXPECT_EQ(names.count("cls.seq_relationship.weight"), 1u);
  EXPECT_EQ(names.count("bert.pooler.dense.bias"), 1u);
}

TEST(ParamsTest, AHeadThatTheConfigDoesNotFitIsRefused) {
  const auto refuses = [](HeadKind head, const BertConfig& config, const char* part) {
    expect_error(ErrorKind::kInput, {"config.json", part}, [&] { list_parameters(config, head); });
  };
  BertConfig config = small_config();
  refuses(HeadKind::kSequenceClassification, config, "id2label");
  refuses(HeadKind::kTokenClassification, config, "id2label");
  config.id2label = {{0, "a"}, {2, "b"}};
  refuses(HeadKind::kTokenClassification, config, "2 labels, but the highest is numbered 2");
  set_labels(std::vector<std::string>{"a", "b"}, config);
  list_parameters(config, HeadKind::kSequenceClassification);
  config.problem_type = "regression";
  refuses(HeadKind::kSequenceClassification, config, "2 numbers");
  config.problem_type = "multi_label_classification";
  list_parameters(config, HeadKind::kSequenceClassification);
  list_parameters(config, HeadKind::kQuestionAnswering);
}

TEST(ParamsTest, ADiscriminatorPredictsNoMaskedWords) {
  const BertConfig electra = find_family("electra")->defaults();
  expect_error(ErrorKind::kInput, {"electra", "masked words"},
               [&] { list_parameters(electra, HeadKind::kMaskedLanguageModel); });
}

TEST(ParamsTest, OnlyNarrowTablesAreProjected) {
  BertConfig electra = find_family("electra")->defaults();
  EXPECT_EQ(by_name(list_parameters(electra, HeadKind::kNone))
                .at("electra.embeddings_project.weight")
                .shape,
            (std::vector<int64_t>{256, 128}));
  electra.embedding_size = electra.hidden_size;
  EXPECT_EQ(
      by_name(list_parameters(electra, HeadKind::kNone)).count("electra.embeddings_project.weight"),
      0u);
}

TEST(ParamsTest, AnUntiedDecoderHasItsOwnWeightAndBias) {
  BertConfig config = small_config();
  config.tie_word_embeddings = false;
  const ParameterList list = list_parameters(config, HeadKind::kMaskedLanguageModel);
  const auto names = by_name(list);
  EXPECT_EQ(names.at("cls.predictions.decoder.weight").role, Role::kWeight);
  EXPECT_TRUE(names.at("cls.predictions.decoder.bias").trained);
  EXPECT_FALSE(names.at("cls.predictions.bias").trained);
  EXPECT_EQ(list.matrices.back().out, config.vocab_size);
  EXPECT_EQ(list.matrices.back().offset, names.at("cls.predictions.decoder.weight").offset);
}

TEST(ParamsTest, ABufferOfAnotherSizeIsABrokenPromise) {
  const BertConfig config = small_config();
  Counted counted(list_parameters(config, HeadKind::kNone).size);
  EXPECT_THROW(view_parameters(config, HeadKind::kQuestionAnswering, counted.flat()), Error);
}

}  // namespace
}  // namespace bertune
