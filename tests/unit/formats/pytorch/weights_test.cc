// SPDX-License-Identifier: Apache-2.0
// The weights of model folders with pytorch_model.bin are those of the same model in safetensors.
#include "formats/weights.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "formats/pytorch/format.h"
#include "model/heads/heads.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

const fs::path kData = BERTUNE_TEST_DATA;

TEST(PyTorchWeights, OfAFolderEqualThoseOfSafetensors) {
  const ModelFiles safetensors = find_model_files(kData / "golden" / "tiny_gelu");
  const ParameterList list =
      list_parameters(read_config(safetensors), HeadKind::kQuestionAnswering);
  const HostWeights expected = read_weights(safetensors, list);
  for (const char* name : {"tiny", "shards"}) {
    const ModelFiles files = find_model_files(kData / "pytorch" / name);
    EXPECT_EQ(files.format, &pytorch_format());
    const HostWeights weights = read_weights(files, list);
    EXPECT_EQ(weights.values, expected.values) << name;
    EXPECT_TRUE(weights.missing_head.empty()) << name;
  }
}

}  // namespace
}  // namespace bertune
