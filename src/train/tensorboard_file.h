// SPDX-License-Identifier: Apache-2.0
// Scalars for TensorBoard: an events.out.tfevents file, records of protobuf messages with
// checksums. Format: tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace bertune {

class EventFile {
 public:
  // Makes a new file in `folder`, which exists. Events of earlier files of the folder from step
  // `first_step` on count as never written, as the format has it for a run that goes on.
  EventFile(const std::filesystem::path& folder, int64_t first_step);

  void add(std::string_view tag, double value, int64_t step);
  void flush() { out_.flush(); }
  bool good() const { return out_.good(); }

 private:
  void write_record(const std::string& message);

  std::ofstream out_;
};

// The CRC-32C (Castagnoli) of bytes, rotated and shifted as the format masks it.
uint32_t masked_crc32c(std::string_view bytes);

}  // namespace bertune
