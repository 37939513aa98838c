// SPDX-License-Identifier: Apache-2.0
// A MindSpore checkpoint: whatever its messages claim, tensors are inside the file and can be read.
#include "formats/mindspore/file.h"
#include "fuzz/fuzz.h"

namespace bertune {
namespace {

bool is_readable(const std::string& type) {
  return type == "Float32" || type == "Float16" || type == "BFloat16" || type == "Float64";
}

}  // namespace

void fuzz(std::string_view input) {
  const MindSporeFile file(put_input("model.ckpt", input));
  size_t bytes = 0;
  for (const auto& [name, tensor] : file.tensors()) {
    bytes += tensor.bytes;
    if (!is_readable(tensor.type)) continue;
    size_t size = 1;
    for (const int64_t dim : tensor.shape) size *= static_cast<size_t>(dim);
    CHECK(size <= tensor.bytes);
    std::vector<float> values(size);
    file.read(name, 0, values);
  }
  CHECK(bytes < input.size());
}

}  // namespace bertune
