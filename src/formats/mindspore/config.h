// SPDX-License-Identifier: Apache-2.0
// The config that stands beside a MindSpore checkpoint, as the config of a BERT here: config.json
// with transformers' or MindSpore's names, or MindSpore's YAML. docs/formats.md.
#pragma once

#include <filesystem>

#include "model/config.h"

namespace bertune {

// The file that read_mindspore_config reads: config.json in the checkpoint's folder, else the YAML
// file with the checkpoint's name, else the only one. Throws Error{kSystem, kUsage}: none, several.
std::filesystem::path find_mindspore_config(const std::filesystem::path& checkpoint);

// MindSpore's BERT computes with a LayerNorm epsilon of 1e-5 and GELU by tanh, whatever its config
// says, so these are what the config gets; but where our own export wrote that file, it holds.
// Throws Error{kSystem, kInput, kUsage}.
BertConfig read_mindspore_config(const std::filesystem::path& config);

// config.json for a folder that read_mindspore_config gives back unchanged.
std::string mindspore_config_json(const BertConfig& config, const std::string& architecture);

// Whether MindSpore computes what `config` says.
bool is_mindspore_bert(const BertConfig& config);

}  // namespace bertune
