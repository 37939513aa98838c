// SPDX-License-Identifier: Apache-2.0
// The initial values of a new head, and of a whole encoder.
#include "model/initialize.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "model/heads/heads.h"
#include "model/params.h"

namespace bertune {
namespace {

class InitializeTest : public testing::Test {
 protected:
  std::vector<float> initialize(const std::vector<std::string>& names, uint64_t seed) {
    std::vector<float> values(static_cast<size_t>(list.size), 9.0f);
    initialize_parameters(list, names, config, seed, values);
    return values;
  }
  std::vector<float> part(const std::vector<float>& values, const std::string& name) {
    for (const Parameter& parameter : list.parameters) {
      if (parameter.name != name) continue;
      const auto begin = values.begin() + parameter.offset;
      return {begin, begin + parameter.size()};
    }
    return {};
  }
  std::vector<std::string> all_names() {
    std::vector<std::string> names;
    for (const Parameter& parameter : list.parameters) names.push_back(parameter.name);
    return names;
  }

  const BertConfig config{.vocab_size = 500,
                          .hidden_size = 64,
                          .num_hidden_layers = 1,
                          .num_attention_heads = 2,
                          .pad_token_id = 3,
                          .id2label = {}};
  const ParameterList list = list_parameters(config, HeadKind::kQuestionAnswering);
};

TEST_F(InitializeTest, AHeadIsNormalWithBiasZero) {
  const std::vector<float> values = initialize({"qa_outputs.weight", "qa_outputs.bias"}, 42);
  EXPECT_EQ(part(values, "qa_outputs.bias"), (std::vector<float>{0, 0}));
  double squares = 0;
  for (const float value : part(values, "qa_outputs.weight")) squares += value * value;
  EXPECT_NEAR(std::sqrt(squares / 128), 0.02, 0.005);
  EXPECT_EQ(values[0], 9.0f) << "what is not named stays";
}

TEST_F(InitializeTest, DependsOnTheSeedAndTheNameAlone) {
  const std::vector<float> head = initialize({"qa_outputs.weight"}, 42);
  const std::vector<float> all = initialize(all_names(), 42);
  const std::string query = "bert.encoder.layer.0.attention.self.query.weight";
  const std::string key = "bert.encoder.layer.0.attention.self.key.weight";
  EXPECT_EQ(part(head, "qa_outputs.weight"), part(all, "qa_outputs.weight"));
  EXPECT_NE(part(all, query), part(all, key));
  EXPECT_NE(part(all, query), part(initialize(all_names(), 43), query));
}

TEST_F(InitializeTest, AnEncoderIsAsTransformersMakesIt) {
  const std::vector<float> values = initialize(all_names(), 1);
  const std::vector<float> words = part(values, "bert.embeddings.word_embeddings.weight");
  double sum = 0;
  double squares = 0;
  for (const float value : words) sum += value, squares += value * value;
  const auto count = static_cast<double>(words.size());
  EXPECT_NEAR(sum / count, 0.0, 5 * 0.02 / std::sqrt(count));
  EXPECT_NEAR(std::sqrt(squares / count), 0.02, 0.0003);
  for (size_t i = 0; i < 64; ++i) EXPECT_EQ(words[3 * 64 + i], 0.0f) << "the padding token's row";
  for (const float value : part(values, "bert.embeddings.LayerNorm.weight")) EXPECT_EQ(value, 1);
  for (const float value : part(values, "bert.embeddings.LayerNorm.bias")) EXPECT_EQ(value, 0);
  for (const float value : part(values, "bert.encoder.layer.0.output.dense.bias"))
    EXPECT_EQ(value, 0);
}

}  // namespace
}  // namespace bertune
