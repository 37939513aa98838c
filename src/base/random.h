// SPDX-License-Identifier: Apache-2.0
// Counter-based random numbers: a value is a pure function of its coordinates. Neither packing,
// thread nor rank changes it, and a dropout mask is recomputed instead of stored. The SIMD kernels
// of engine/cpu compute `random_bits` with the same 32-bit integer operations.
#pragma once

#include <cstdint>

namespace bertune {

// The finalizer of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators).
constexpr uint64_t mix64(uint64_t x) {
  x += 0x9E3779B97F4A7C15ull;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ull;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBull;
  return x ^ (x >> 31);
}

// Folds one more coordinate into a key.
constexpr uint64_t fold(uint64_t key, uint64_t coordinate) {
  return mix64(key ^ mix64(coordinate));
}

// 32 well-mixed bits for a counter under a 64-bit key: two multiply-xorshift rounds, keyed twice
// (constants of Chris Wellons' lowbias32).
constexpr uint32_t mix32(uint64_t key, uint32_t counter) {
  uint32_t x = counter * 0x9E3779B9u + static_cast<uint32_t>(key);
  x = (x ^ (x >> 16)) * 0x7FEB352Du;
  x ^= static_cast<uint32_t>(key >> 32);
  x = (x ^ (x >> 15)) * 0x846CA68Bu;
  return x ^ (x >> 16);
}

// The 16 random bits of a column under a row's key. Two columns, 16 apart in a block of 32, share
// one mix32, so that a vector of 4, 8 or 16 lanes yields two vectors of columns from one hash:
// column 32 b + i (i < 16) takes the low half of mix32(16 b + i), column 32 b + 16 + i the high
// half.
constexpr uint32_t random_bits(uint64_t row_key, uint32_t column) {
  const uint32_t mixed = mix32(row_key, (column / 32) * 16 + column % 16);
  return (column & 16) ? mixed >> 16 : mixed & 0xFFFFu;
}

// Uniform in [0, 1) with 53 bits.
constexpr double uniform(uint64_t key, uint64_t counter) {
  return static_cast<double>(fold(key, counter) >> 11) * 0x1.0p-53;
}

// Standard normal by the Box-Muller transform, used to initialise a head.
double normal(uint64_t key, uint64_t counter);

}  // namespace bertune
