// SPDX-License-Identifier: Apache-2.0
// The registry of heads: one descriptor per kind, found by kind and by transformers' class name.
#include "model/heads/heads.h"

#include <gtest/gtest.h>

#include "model/params.h"

namespace bertune {
namespace {

constexpr HeadKind kKinds[] = {
    HeadKind::kNone,
    HeadKind::kQuestionAnswering,
    HeadKind::kSequenceClassification,
    HeadKind::kTokenClassification,
    HeadKind::kMaskedLanguageModel,
    HeadKind::kPreTraining,
};

TEST(HeadsTest, EachKindIsFoundAgainByItsClass) {
  for (const HeadKind kind : kKinds) {
    EXPECT_EQ(head_of_architecture(architecture_of(kind)), kind);
  }
  EXPECT_EQ(architecture_of(HeadKind::kQuestionAnswering), "BertForQuestionAnswering");
  EXPECT_EQ(architecture_of(HeadKind::kNone), "BertModel");
  EXPECT_FALSE(head_of_architecture("BertForMultipleChoice"));
  for (const char* type : {"distilbert", "electra"}) {
    const HeadKind qa = HeadKind::kQuestionAnswering;
    EXPECT_EQ(head_of_architecture(architecture_of(qa, *find_family(type))), qa) << type;
  }
  EXPECT_EQ(head_of_architecture("DistilBertForMaskedLM"), HeadKind::kMaskedLanguageModel);
  EXPECT_FALSE(head_of_architecture("ElectraForPreTraining")) << "the discriminator's own head";
  EXPECT_FALSE(head_of_architecture(""));
}

TEST(HeadsTest, EachListsTheWeightsThatProductsRead) {
  BertConfig config{.hidden_size = 12, .num_hidden_layers = 0};
  set_labels(std::vector<std::string>{"a", "b"}, config);
  for (const HeadKind kind : kKinds) {
    const ParameterList list = list_parameters(config, kind);
    EXPECT_EQ(list.head, kind);
    EXPECT_EQ(list.matrices.size(), head_of(kind).weights.size()) << architecture_of(kind);
    for (const Parameter& parameter : list.parameters)
      EXPECT_EQ(parameter.in_head(), !parameter.name.starts_with("bert.embeddings"))
          << parameter.name;
  }
}

TEST(HeadsTest, ABrokenKindIsABrokenPromise) {
  EXPECT_THROW(head_of(static_cast<HeadKind>(99)), Error);
}

}  // namespace
}  // namespace bertune
