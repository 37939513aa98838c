// SPDX-License-Identifier: Apache-2.0
// The safetensors format: a JSON header with name, dtype, shape and place of every tensor, then
// their bytes. Read from a mapped file, so that only tensors that are used are touched; nothing
// that the header claims is believed before it is checked.
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
  std::string_view bytes;  // in the mapped file, little-endian, rows first
  int64_t size = 0;        // elements
};

class SafetensorsFile {
 public:
  using Tensors = std::map<std::string, StoredTensor, std::less<>>;

  // Throws Error{kSystem} when the file cannot be opened, Error{kInput} when its header and its
  // length do not agree in every detail.
  explicit SafetensorsFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  const Tensors& tensors() const { return tensors_; }
  const StoredTensor* find(std::string_view name) const;  // null: not there

  // The elements of tensor `name` as fp32, from F32, F16 or BF16. `out` has as many elements as the
  // tensor. Throws Error{kInput} when the file lacks it or it is of another dtype.
  void read(std::string_view name, std::span<float> out) const;

 private:
  std::filesystem::path path_;
  MappedFile file_;
  Tensors tensors_;
};

// One tensor to write; its values stay the caller's.
struct TensorToWrite {
  std::string name;
  std::vector<int64_t> shape;
  std::span<const float> values;
};

// Writes the tensors as F32 in the given order, with the metadata that transformers asks for.
// Throws Error{kSystem}; not atomic: see write_folder_atomic.
void write_safetensors(const std::filesystem::path& path, std::span<const TensorToWrite> tensors);

// "[2, 384]", for messages.
std::string shape_text(std::span<const int64_t> shape);

}  // namespace bertune
