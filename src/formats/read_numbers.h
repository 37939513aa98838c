// SPDX-License-Identifier: Apache-2.0
// Reads the stored numbers of a weight file as fp32, in blocks that stay in the cache.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "base/io.h"

namespace bertune {

// out[i] = convert(the number i of type Stored from byte `begin` on).
template <typename Stored, typename Convert>
void read_numbers(const RandomAccessFile& file, size_t begin, std::span<float> out,
                  Convert convert) {
  std::vector<Stored> block(std::min<size_t>(out.size(), 1 << 16));
  while (!out.empty()) {
    const std::span<Stored> stored(block.data(), std::min(block.size(), out.size()));
    file.read(begin, {reinterpret_cast<char*>(stored.data()), stored.size_bytes()});
    std::transform(stored.begin(), stored.end(), out.begin(), convert);
    begin += stored.size_bytes();
    out = out.subspan(stored.size());
  }
}

}  // namespace bertune
