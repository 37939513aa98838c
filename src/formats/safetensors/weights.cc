// SPDX-License-Identifier: Apache-2.0
#include "formats/safetensors/weights.h"

#include <string>
#include <vector>

#include "base/check.h"

namespace bertune {

namespace fs = std::filesystem;

void write_safetensors_weights(const fs::path& path, const ParameterList& list,
                               std::span<const float> values) {
  CHECK(values.size() == static_cast<size_t>(list.size));
  std::vector<TensorToWrite> tensors;
  for (const Parameter& parameter : list.parameters) {
    const auto offset = static_cast<size_t>(parameter.offset);
    const auto size = static_cast<size_t>(parameter.size());
    tensors.push_back({parameter.name, parameter.shape, values.subspan(offset, size)});
  }
  write_safetensors(path, tensors);
}

}  // namespace bertune
