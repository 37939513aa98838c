// SPDX-License-Identifier: Apache-2.0
// The named models, and the form of a hub id.
#include "hub/names.h"

#include <gtest/gtest.h>

#include <string>

namespace bertune {
namespace {

TEST(Names, StandForHubFoldersOrForNone) {
  ASSERT_NE(find_named_model("qa_bert_base_uncased"), nullptr);
  EXPECT_EQ(find_named_model("qa_bert_base_uncased")->hub_id, "google-bert/bert-base-uncased");
  EXPECT_EQ(find_named_model("tokcls_bert_base_chinese")->hub_id, "google-bert/bert-base-chinese");
  EXPECT_EQ(find_named_model("txtcls_bert_base_uncased_mnli")->hub_id, "");
  EXPECT_EQ(find_named_model("bert"), nullptr);
  for (const NamedModel& model : named_models()) {
    EXPECT_TRUE(model.hub_id.empty() || is_hub_id(model.hub_id)) << model.name;
    EXPECT_FALSE(is_hub_id(model.name)) << model.name;
  }
}

TEST(Names, MayHaveTheFamilyInFront) {
  EXPECT_EQ(without_family("mindspore/bert_base_uncased"), "bert_base_uncased");
  EXPECT_EQ(without_family("bert_base_uncased"), "bert_base_uncased");
}

TEST(Names, AHubIdIsSafeAsAPath) {
  EXPECT_TRUE(is_hub_id("google/bert_uncased_L-2_H-128_A-2"));
  EXPECT_TRUE(is_hub_id("a/b.c"));
  for (const char* name : {"", "a", "a/", "/b", "a/b/c", "../b", "a/..", "a/.b", "a/b c", "a/b?c",
                           "a/b%2f", "-a/b", "a/b.", "a/b..c"}) {
    EXPECT_FALSE(is_hub_id(name)) << name;
  }
  EXPECT_FALSE(is_hub_id("a/" + std::string(97, 'b')));
}

}  // namespace
}  // namespace bertune
