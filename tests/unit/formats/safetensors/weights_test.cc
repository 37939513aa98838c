// SPDX-License-Identifier: Apache-2.0
// The parameters of every head, compared with the files that transformers wrote.
#include "formats/safetensors/weights.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/json_file.h"
#include "formats/huggingface/config.h"
#include "formats/safetensors/file.h"
#include "model/heads/heads.h"
#include "model/params.h"

namespace bertune {
namespace {

const std::string kGolden = std::string(BERTUNE_TEST_DATA) + "/golden/";

TEST(SafetensorsWeightsTest, HasNamesAndShapesOfTransformers) {
  const std::pair<std::string, HeadKind> folders[] = {
      {"tiny_gelu", HeadKind::kQuestionAnswering},
      {"tiny_gelu_new", HeadKind::kQuestionAnswering},
      {"tiny_sequence", HeadKind::kSequenceClassification},
      {"tiny_regression", HeadKind::kSequenceClassification},
      {"tiny_token", HeadKind::kTokenClassification},
      {"tiny_masked", HeadKind::kMaskedLanguageModel}};
  for (const auto& [name, head] : folders) {
    const SafetensorsFile file(kGolden + name + "/model.safetensors");
    const ParameterList list =
        list_parameters(parse_config(JsonFile(kGolden + name + "/config.json")), head);
    EXPECT_EQ(list.parameters.size(), file.tensors().size());
    for (const Parameter& parameter : list.parameters) {
      const StoredTensor* tensor = file.find(parameter.name);
      ASSERT_NE(tensor, nullptr) << parameter.name;
      EXPECT_EQ(parameter.shape, tensor->shape) << parameter.name;
      EXPECT_EQ(parameter.size(), tensor->size) << parameter.name;
    }
  }
}

}  // namespace
}  // namespace bertune
