// SPDX-License-Identifier: Apache-2.0
// MindSpore's checkpoint format (.ckpt): a sequence of protobuf messages, each with a tag, a shape,
// a type and bytes. Only the tensors that are asked for are read, and every value in a message is
// validated before it is used. docs/formats.md describes the format.
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

struct FilePart {
  size_t begin, size;  // bytes
};

struct MindSporeTensor {
  std::string type;  // the format's name: "Float32", "Float16", "BFloat16", ...
  std::vector<int64_t> shape;
  std::vector<FilePart> parts;  // in the file; large tensors have several
  uint64_t bytes = 0;           // of all parts
};

class MindSporeFile {
 public:
  using Tensors = std::map<std::string, MindSporeTensor, std::less<>>;

  // Throws Error{kSystem} when the file cannot be opened. Throws Error{kInput} when it is
  // encrypted, truncated or not a checkpoint, when its checksum differs, or when a tensor's byte
  // count does not match its shape.
  explicit MindSporeFile(std::filesystem::path path);

  const std::filesystem::path& path() const { return file_.path(); }
  const Tensors& tensors() const { return tensors_; }

  // Reads out.size() elements of a tensor of type Float32, Float64, Float16 or BFloat16, from
  // element `first` on, as fp32. Throws Error{kInput} when the file has no such tensor, when it has
  // another type, or when the file has become shorter.
  void read(std::string_view name, size_t first, std::span<float> out) const;

 private:
  RandomAccessFile file_;
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
