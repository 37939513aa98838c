// SPDX-License-Identifier: Apache-2.0
// What the path of a model means: a Hugging Face folder, a folder with a MindSpore checkpoint, or
// such a checkpoint itself. Only names are looked at here, nothing is opened but an index of
// shards.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

namespace bertune {

// The folder that holds the config and the vocabulary of `model`.
std::filesystem::path folder_of_model(const std::filesystem::path& model);

// The MindSpore checkpoint of `model`: the file itself, or the one *.ckpt of a folder without
// safetensors. Throws Error{kUsage} when a folder has several.
std::optional<std::filesystem::path> mindspore_checkpoint(const std::filesystem::path& model);

// The weight files: model.safetensors, else the shards that model.safetensors.index.json names,
// else a MindSpore checkpoint. Throws Error{kSystem, kInput, kUsage}: no such model, no weights, or
// only a pickled pytorch_model.bin, with a hint how to convert it.
std::vector<std::filesystem::path> find_weight_files(const std::filesystem::path& model);

}  // namespace bertune
