// SPDX-License-Identifier: Apache-2.0
// Writes scalars for TensorBoard: an events.out.tfevents file of protobuf records with checksums.
// Format: tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bertune {

class EventFile {
 public:
  // Creates a new file in `folder`, which must exist. Following the format, it invalidates events
  // from step `first_step` on in the folder's earlier files, as a resumed run requires.
  EventFile(const std::filesystem::path& folder, int64_t first_step);

  void add(std::string_view tag, double value, int64_t step);
  void flush() { out_.flush(); }
  bool good() const { return out_.good(); }

 private:
  void write_record(const std::string& message);

  std::ofstream out_;
};

// The CRC-32C (Castagnoli) of `bytes`, masked (rotated and offset) as the format requires.
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace bertune
