// SPDX-License-Identifier: Apache-2.0
#include "base/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"

namespace bertune {
namespace {

constexpr int64_t kBlock = int64_t{1} << 20;  // bytes

uint64_t fold_bytes(const char* bytes, size_t count) {
  uint64_t key = count;
  for (size_t i = 0; i < count; i += sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, bytes + i, std::min(sizeof(word), count - i));
    key = fold(key, word);
  }
  return key;
}

}  // namespace

void Fingerprint::add(uint64_t number) { key_ = fold(key_, number); }

void Fingerprint::add(std::string_view text) { add(fold_bytes(text.data(), text.size())); }

void Fingerprint::add(std::span<const float> values) {
  const auto* bytes = reinterpret_cast<const char*>(values.data());
  const auto count = static_cast<int64_t>(values.size_bytes());
  std::vector<uint64_t> blocks(static_cast<size_t>((count + kBlock - 1) / kBlock));
  parallel_for(count, kBlock, [&](int64_t begin, int64_t end) {
    blocks[static_cast<size_t>(begin / kBlock)] =
        fold_bytes(bytes + begin, static_cast<size_t>(end - begin));
  });
  add(static_cast<uint64_t>(count));
  for (const uint64_t block : blocks) add(block);
}

std::string Fingerprint::text() const { return fmt::format("{:016x}", key_); }

}  // namespace bertune
