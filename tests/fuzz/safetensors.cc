// SPDX-License-Identifier: Apache-2.0
// model.safetensors: whatever the header claims, tensors are inside the file and can be read.
#include <vector>

#include "formats/safetensors/file.h"
#include "fuzz/fuzz.h"

namespace bertune {

void fuzz(std::string_view input) {
  const SafetensorsFile file(put_input("model.safetensors", input));
  size_t bytes = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    CHECK(file.find(name) == &tensor && tensor.size >= 0);
    bytes += tensor.bytes;
    if (tensor.dtype != "F32" && tensor.dtype != "F16" && tensor.dtype != "BF16") continue;
    std::vector<float> values(static_cast<size_t>(tensor.size));
    file.read(name, 0, values);
  }
  CHECK(bytes < input.size());
}

}  // namespace bertune
