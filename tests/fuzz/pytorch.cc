// SPDX-License-Identifier: Apache-2.0
// pytorch_model.bin: whatever its pickle and its archive claim, tensors are inside the file and can
// be read.
#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "formats/pytorch/file.h"
#include "fuzz/fuzz.h"

namespace bertune {

void fuzz(std::string_view input) {
  const PyTorchFile file(put_input("pytorch_model.bin", input));
  const std::set<std::string> readable = {"F64", "F32", "F16", "BF16"};
  CHECK(!file.tensors().empty());
  for (const auto& [name, tensor] : file.tensors()) {
    CHECK(tensor.size >= 0 && tensor.shape.size() == tensor.strides.size());
    if (!readable.contains(tensor.dtype)) continue;
    // Elements may repeat, so a tensor may have more of them than fit into memory.
    const auto size = static_cast<size_t>(tensor.size);
    std::vector<float> values(std::min<size_t>(size, 4096));
    file.read(name, 0, values);
    file.read(name, size - values.size(), values);
  }
}

}  // namespace bertune
