// SPDX-License-Identifier: Apache-2.0
// Builds the bytes of a MindSpore checkpoint by hand, for tests of files that no program would
// write.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "formats/protobuf_fields.h"

namespace bertune {

inline std::string varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  return out + static_cast<char>(value);
}

inline std::string mindspore_message(std::string_view tag, const std::vector<uint64_t>& dims,
                                     std::string_view type, std::string_view content) {
  std::string tensor;
  for (const uint64_t dim : dims) tensor += varint(1 << 3) + varint(dim);
  tensor += bytes_field(2, type) + bytes_field(3, content);
  return bytes_field(1, bytes_field(1, tag) + bytes_field(2, tensor));
}

inline std::string float_bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace bertune
