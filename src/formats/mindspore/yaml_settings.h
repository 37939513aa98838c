// SPDX-License-Identifier: Apache-2.0
// Reads a model's settings from a YAML file as MindSpore's model repositories ship it. This is the
// only header that deals with YAML.
#pragma once

#include <filesystem>

#include "base/json_file.h"

namespace bertune {

// The scalars of model.model_config, else of model_config, else of the top level, with
// model.arch.type as "architectures". Throws Error{kSystem} when the file cannot be opened, and
// Error{kInput} when it is not YAML or is larger than a megabyte.
JsonFile read_yaml_settings(const std::filesystem::path& path);

}  // namespace bertune
