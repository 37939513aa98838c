// SPDX-License-Identifier: Apache-2.0
// The safetensors format: a JSON header with the name, dtype, shape and data offsets of every
// tensor, followed by their bytes. Only tensors that are asked for are read, and every value in the
// header is validated before it is used.
// https://github.com/huggingface/safetensors
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

struct StoredTensor {
  std::string dtype;  // the format's name: "F32", "BF16", "I64", ...
  std::vector<int64_t> shape;
  size_t begin = 0;  // of its bytes in the file, little-endian, row-major
  size_t bytes = 0;
  int64_t size = 0;  // elements
};

class SafetensorsFile {
 public:
  using Tensors = std::map<std::string, StoredTensor, std::less<>>;

  // Throws Error{kSystem} when the file cannot be opened, and Error{kInput} when the header is
  // malformed or inconsistent with the file's length.
  explicit SafetensorsFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return file_.path(); }
  const Tensors& tensors() const { return tensors_; }
  const StoredTensor* find(std::string_view name) const;  // null: no such tensor

  // Reads out.size() elements of a tensor of dtype F32, F64, F16 or BF16, from element `first` on,
  // as fp32. Throws Error{kInput} when the file has no such tensor, when it has another dtype, or
  // when the file has become shorter.
  void read(std::string_view name, size_t first, std::span<float> out) const;

 private:
  RandomAccessFile file_;
  Tensors tensors_;
};

// A tensor to write. The caller owns the values.
struct TensorToWrite {
  std::string name;
  std::vector<int64_t> shape;
  std::span<const float> values;
};

// Writes the tensors as F32 in the given order, with the metadata that transformers requires. Not
// atomic, see write_folder_atomic. Throws Error{kSystem}.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors);

// "[2, 384]", for messages.
std::string shape_text(std::span<const int64_t> shape);

}  // namespace bertune
