// SPDX-License-Identifier: Apache-2.0
// A file of weights written by torch.save (pytorch_model.bin): the zip archives of PyTorch 1.6 and
// later, and the sequence of pickles of earlier versions. Nothing of the file is run, only the
// tensors that are asked for are read, and everything in the file is validated before it is used.
// docs/checkpoints.md describes what is accepted.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/io.h"

namespace bertune {

struct PyTorchTensor {
  std::string dtype;  // as in safetensors: "F32", "BF16", "I64", ...
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;  // in elements; may be 0
  size_t begin = 0;              // byte of its first element in the file
  int64_t size = 0;              // elements
};

class PyTorchFile {
 public:
  using Tensors = std::map<std::string, PyTorchTensor, std::less<>>;

  // Throws Error{kSystem} when the file cannot be opened. Throws Error{kInput} when it is not a
  // state dict, when it names a function or class that a state dict does not need, when an entry
  // of the archive is compressed, and when it is truncated or inconsistent.
  explicit PyTorchFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return file_.path(); }
  const Tensors& tensors() const { return tensors_; }

  // Reads out.size() elements of a tensor of dtype F32, F64, F16 or BF16, from element `first` on
  // in row-major order, as fp32. For a tensor with gaps or in another order, also takes memory for
  // the part of its storage that it reads. Throws Error{kInput} when the file has no such tensor,
  // when it has another dtype, or when the file has become shorter.
  void read(std::string_view name, size_t first, std::span<float> out) const;

 private:
  RandomAccessFile file_;
  Tensors tensors_;
};

}  // namespace bertune
