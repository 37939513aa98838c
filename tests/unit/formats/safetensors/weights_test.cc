// SPDX-License-Identifier: Apache-2.0
// The parameters of every head, compared with the files that transformers wrote.
#include "formats/safetensors/weights.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json_file.h"
#include "formats/huggingface/config.h"
#include "formats/huggingface/folder.h"
#include "formats/safetensors/file.h"
#include "model/heads/heads.h"
#include "model/params.h"
#include "temporary_folder.h"

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

// The ctest entry of this suite has a limit that only linear time keeps.
TEST(ManyTensors, OpenInLinearTime) {
  constexpr int kTensors = 100'000;
  const TemporaryFolder folder;
  const float value = 1.0f;
  std::vector<TensorToWrite> tensors;
  for (int i = 0; i < kTensors; ++i)
    tensors.push_back({"layer." + std::to_string(i) + ".weight", {1, 1}, std::span(&value, 1)});
  write_safetensors(folder / "model.safetensors", tensors);
  const SafetensorsWeights weights({folder / "model.safetensors"});
  for (const TensorToWrite& tensor : tensors) ASSERT_NE(weights.find(tensor.name), nullptr);
}

TEST(ManyTensors, AreFoundInTheirShards) {
  const TemporaryFolder folder;
  nlohmann::json map;
  for (int i = 0; i < 100'000; ++i)
    map["layer." + std::to_string(i)] = "shard-" + std::to_string(i % 3) + ".safetensors";
  put_file(folder / "model.safetensors.index.json", nlohmann::json{{"weight_map", map}}.dump());
  EXPECT_EQ(find_safetensors(folder.path()).size(), 3u);
}

}  // namespace
}  // namespace bertune
