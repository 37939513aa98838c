// SPDX-License-Identifier: Apache-2.0
// Reads and writes a BertConfig as transformers' config.json. A setting that we cannot compute is
// an error that names the setting. It is never ignored.
#pragma once

#include <string>

#include "base/json_file.h"
#include "model/config.h"

namespace bertune {

// Reads a config with transformers' names. Throws Error{kInput} for another model_type, relative
// positions, an unsupported activation or inconsistent sizes.
BertConfig parse_config(const JsonFile& file);

// The text of a config.json that transformers reads. `architecture` is a class name such as
// "BertForQuestionAnswering".
std::string config_json(const BertConfig& config, const std::string& architecture);

}  // namespace bertune
