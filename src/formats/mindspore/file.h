// SPDX-License-Identifier: Apache-2.0
// MindSpore's checkpoint format (.ckpt): a sequence of protobuf messages, each with a tag, a shape,
// a type and bytes. The file is memory-mapped and never copied as a whole, and every value in a
// message is validated before it is used. docs/formats.md describes the format.
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

struct MindSporeTensor {
  std::string type;  // the format's name: "Float32", "Float16", "BFloat16", ...
  std::vector<int64_t> shape;
  std::vector<std::string_view> parts;  // in the mapped file; large tensors have several
  uint64_t bytes = 0;                   // of all parts
};

class MindSporeFile {
 public:
  using Tensors = std::map<std::string, MindSporeTensor, std::less<>>;

  // Throws Error{kSystem} when the file cannot be opened. Throws Error{kInput} when it is
  // encrypted, truncated or not a checkpoint, when its checksum differs, or when a tensor's byte
  // count does not match its shape.
  explicit MindSporeFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return path_; }
  const Tensors& tensors() const { return tensors_; }

  // Reads a tensor of type Float32, Float64, Float16 or BFloat16 as fp32. `out` must have as many
  // elements as the tensor. Throws Error{kInput} when the file has no such tensor or it has another
  // type.
  void read(std::string_view name, std::span<float> out) const;

 private:
  std::filesystem::path path_;
  MappedFile file_;
  Tensors tensors_;
};

// Writes tensors as Float32, in the order of the calls. Throws Error{kSystem}.
class MindSporeWriter {
 public:
  // MindSpore splits tensors above 512 MiB. Tests use a smaller limit.
  static constexpr size_t kPartBytes = size_t{512} << 20;

  explicit MindSporeWriter(const std::filesystem::path& path, size_t part_bytes = kPartBytes);

  void write(std::string_view name, std::span<const int64_t> shape, std::span<const float> values);
  void write(std::string_view name, std::initializer_list<int64_t> shape,
             std::span<const float> values);
  void close();  // flushes to the disk

 private:
  OutputFile file_;
  size_t part_elements_;
};

}  // namespace bertune
