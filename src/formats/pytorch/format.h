// SPDX-License-Identifier: Apache-2.0
// The ModelFormat of a Hugging Face folder with pytorch_model.bin, which is only read.
#pragma once

#include "formats/model_format.h"

namespace bertune {

inline constexpr const char* kPyTorchWeightsName = "pytorch_model.bin";
inline constexpr const char* kPyTorchShardIndexName = "pytorch_model.bin.index.json";

// The weight files of a folder: pytorch_model.bin, else the shards listed in its index, else none.
// Throws Error{kSystem, kInput} for a damaged index.
std::vector<std::filesystem::path> find_pytorch_weights(const std::filesystem::path& folder);

const ModelFormat& pytorch_format();

}  // namespace bertune
