// SPDX-License-Identifier: Apache-2.0
// The safetensors format: a JSON header with the name, dtype, shape and data offsets of every
// tensor, followed by their bytes. The file is memory-mapped, so only tensors that are read are
// paged in, and every value in the header is validated before it is used.
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
  std::string_view bytes;  // in the mapped file, little-endian, row-major
  int64_t size = 0;        // elements
};

class SafetensorsFile {
 public:
  using Tensors = std::map<std::string, StoredTensor, std::less<>>;

  // Throws Error{kSystem} when the file cannot be opened, and Error{kInput} when the header is
  // malformed or inconsistent with the file's length.
  explicit SafetensorsFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  const Tensors& tensors() const { return tensors_; }
  const StoredTensor* find(std::string_view name) const;  // null: no such tensor

  // Reads a tensor of dtype F32, F16 or BF16 as fp32. `out` must have as many elements as the
  // tensor. Throws Error{kInput} when the file has no such tensor or it has another dtype.
  void read(std::string_view name, std::span<float> out) const;

 private:
  std::filesystem::path path_;
  MappedFile file_;
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
