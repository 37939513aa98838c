// SPDX-License-Identifier: Apache-2.0
// The names that a parameter has had in transformers' files, and the lookup of families by
// model_type.
#include "model/family.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "bertune/error.h"

namespace bertune {
namespace {

using Names = std::vector<std::string>;

TEST(FamilyTest, IsFoundByModelType) {
  EXPECT_EQ(find_family("bert"), &bert_family());
  EXPECT_EQ(find_family("roberta"), nullptr);
  for (const char* type : {"bert", "distilbert", "electra"}) {
    EXPECT_STREQ(find_family(type)->model_type, type);
    EXPECT_EQ(find_family(type)->defaults().model_type, type);
  }
  EXPECT_EQ(&family_of(BertConfig{}), &bert_family());
  EXPECT_THROW(family_of(BertConfig{.model_type = "roberta"}), Error);
}

TEST(FamilyTest, FilesMayHaveOlderNames) {
  const Family& bert = bert_family();
  EXPECT_EQ(other_names(bert, "qa_outputs.weight"), Names{});
  EXPECT_EQ(other_names(bert, "bert.pooler.dense.bias"), Names{"pooler.dense.bias"});
  EXPECT_EQ(other_names(bert, "bert.embeddings.LayerNorm.weight"),
            (Names{"embeddings.LayerNorm.weight", "bert.embeddings.LayerNorm.gamma",
                   "embeddings.LayerNorm.gamma"}));
  EXPECT_EQ(other_names(bert, "cls.predictions.transform.LayerNorm.bias"),
            Names{"cls.predictions.transform.LayerNorm.beta"});
}

TEST(FamilyTest, SizesHaveKeys) {
  EXPECT_STREQ(key_of(*find_family("distilbert"), &BertConfig::hidden_size), "dim");
  EXPECT_STREQ(key_of(bert_family(), &BertConfig::hidden_size), "hidden_size");
  EXPECT_STREQ(key_of(bert_family(), &BertConfig::type_vocab_size), "type_vocab_size");
}

}  // namespace
}  // namespace bertune
