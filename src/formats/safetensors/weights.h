// SPDX-License-Identifier: Apache-2.0
// The weights of a Hugging Face folder, from one safetensors file or several shards. A parameter is
// found under its current name or any of its older ones.
#pragma once

#include <filesystem>
#include <span>

#include "formats/safetensors/file.h"
#include "formats/sharded_weights.h"
#include "model/params.h"

namespace bertune {

using SafetensorsWeights = ShardedWeights<SafetensorsFile>;

// Writes all of `list` from `values` [list.size] as one file. Not atomic. Throws Error{kSystem}.
void write_safetensors_weights(const std::filesystem::path& path, const ParameterList& list,
                               std::span<const float> values);

}  // namespace bertune
