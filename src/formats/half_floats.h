// SPDX-License-Identifier: Apache-2.0
// Widens the IEEE 16-bit floats that model files store. bfloat16 is in engine/bfloat16.h.
#pragma once

#include <bit>
#include <cstdint>

namespace bertune {

// Denormals are built from integers because floating-point arithmetic may flush them to zero.
inline float from_float16(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1Fu;
  const uint32_t fraction = bits & 0x3FFu;
  if (exponent == 0)
    return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(0x1.0p-24f * float(fraction)));
  const uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace bertune
