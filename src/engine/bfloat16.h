// SPDX-License-Identifier: Apache-2.0
// bfloat16 on the host: the upper half of a float, with 8 significant bits. For code that handles
// single values; engines convert with vector instructions that round the same way.
#pragma once

#include <bit>
#include <cstdint>

#include "engine/tensor.h"

namespace bertune {

constexpr float to_float(BFloat16 x) { return std::bit_cast<float>(uint32_t{x.bits} << 16); }

// Rounds to nearest, ties to even. A NaN stays a quiet NaN, because rounding its bits could yield
// infinity.
constexpr BFloat16 to_bfloat16(float x) {
  const uint32_t bits = std::bit_cast<uint32_t>(x);
  if (x != x) return {static_cast<uint16_t>((bits >> 16) | 0x40u)};
  return {static_cast<uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16)};
}

}  // namespace bertune
