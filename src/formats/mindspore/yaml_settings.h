// SPDX-License-Identifier: Apache-2.0
// The settings of a model in a YAML file, as MindSpore's models bring them. The only file that
// knows YAML.
#pragma once

#include <filesystem>

#include "base/json_file.h"

namespace bertune {

// The scalars of model.model_config, else of model_config, else of the file's own top; with
// model.arch.type as "architectures". Throws Error{kSystem, kInput}: not there, not YAML, above a
// megabyte.
JsonFile read_yaml_settings(const std::filesystem::path& path);

}  // namespace bertune
