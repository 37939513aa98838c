// SPDX-License-Identifier: Apache-2.0
// config.json as transformers has it: read into a BertConfig and written from one. What we cannot
// compute is refused by name instead of being ignored.
#pragma once

#include <string>

#include "base/json_file.h"
#include "model/config.h"

namespace bertune {

// The config in a file that has transformers' names. Throws Error{kInput}: another model_type,
// relative positions, an activation we lack, sizes that do not fit each other.
BertConfig parse_config(const JsonFile& file);

// The text of a config.json that transformers reads. `architecture`: "BertForQuestionAnswering",
// ...
std::string config_json(const BertConfig& config, const std::string& architecture);

}  // namespace bertune
