// SPDX-License-Identifier: Apache-2.0
#include "formats/pytorch/format.h"

#include "base/io.h"
#include "formats/huggingface/folder.h"
#include "formats/huggingface/format.h"
#include "formats/pytorch/file.h"
#include "formats/sharded_weights.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

fs::path find_config(const ModelFiles& files) {
  return huggingface_format().reader->find_config(files);
}

BertConfig read_config_of(const fs::path& config) {
  return huggingface_format().reader->read_config(config);
}

std::unique_ptr<WeightSource> open(const std::vector<fs::path>& files) {
  return std::make_unique<ShardedWeights<PyTorchFile>>(files);
}

constexpr ModelReader kReader = {.find_weights = find_pytorch_weights,
                                 .find_config = find_config,
                                 .read_config = read_config_of,
                                 .open_weights = open};

}  // namespace

std::vector<fs::path> find_pytorch_weights(const fs::path& folder) {
  return find_weight_files(folder, kPyTorchWeightsName, kPyTorchShardIndexName);
}

const ModelFormat& pytorch_format() {
  static constexpr ModelFormat kFormat = {"pytorch", &kReader, nullptr};
  return kFormat;
}

}  // namespace bertune
