// SPDX-License-Identifier: Apache-2.0
// CRC-32 with the polynomial of zlib and PNG, to compare long results with the hashes that
// tools/generate_tokenizer_goldens.py writes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bertune {

constexpr std::array<uint32_t, 256> make_crc32_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) {
      table[i] = table[i] >> 1 ^ (table[i] & 1 ? 0xEDB88320u : 0);
    }
  }
  return table;
}

class Crc32 {
 public:
  void add(std::string_view bytes) {
    for (const char c : bytes) {
      state_ = kTable[(state_ ^ static_cast<unsigned char>(c)) & 0xFF] ^ state_ >> 8;
    }
  }

  void add(int32_t value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    add(std::string_view(bytes, sizeof value));
  }

  std::string hex() const {
    std::string digits;
    for (int shift = 28; shift >= 0; shift -= 4)
      digits += "0123456789abcdef"[~state_ >> shift & 15];
    return digits;
  }

 private:
  static constexpr std::array<uint32_t, 256> kTable = make_crc32_table();
  uint32_t state_ = ~0u;
};

}  // namespace bertune
