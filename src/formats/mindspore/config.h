// SPDX-License-Identifier: Apache-2.0
// Converts the config next to a MindSpore checkpoint to a BertConfig. It may be a config.json with
// transformers' or MindSpore's names, or MindSpore's YAML. See docs/formats.md.
#pragma once

#include <filesystem>

#include "model/config.h"

namespace bertune {

// The file to pass to read_mindspore_config: config.json in the checkpoint's folder, else the YAML
// file with the checkpoint's name, else the only YAML file. Throws Error{kSystem} when there is
// none and Error{kUsage} when there are several.
std::filesystem::path find_mindspore_config(const std::filesystem::path& checkpoint);

// MindSpore's BERT always computes with a LayerNorm epsilon of 1e-5 and the tanh form of GELU, so
// the config gets these values whatever the file contains. The exception is a file written by our
// own export, whose values are kept. Throws Error{kSystem, kInput, kUsage}.
BertConfig read_mindspore_config(const std::filesystem::path& config);

// The text of a config.json that read_mindspore_config reads back unchanged.
std::string mindspore_config_json(const BertConfig& config, const std::string& architecture);

// Throws Error{kInput} for an activation that is no form of GELU, and for an untied decoder.
void require_mindspore_model(const BertConfig& config);

// Whether MindSpore's BERT computes with the epsilon and activation of `config`.
bool is_mindspore_bert(const BertConfig& config);

}  // namespace bertune
