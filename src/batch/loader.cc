// SPDX-License-Identifier: Apache-2.0
#include "batch/loader.h"

#include <numeric>
#include <utility>

#include "base/random.h"

namespace bertune {

std::vector<int32_t> shuffled_order(int64_t count, uint64_t seed, int64_t epoch) {
  std::vector<int32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  const uint64_t key = fold(fold(mix64(seed), 0x5E0FF1Eull), static_cast<uint64_t>(epoch));
  for (int64_t last = count - 1; last > 0; --last) {  // Fisher-Yates
    const auto chosen = static_cast<int64_t>(uniform(key, last) * static_cast<double>(last + 1));
    std::swap(order[last], order[chosen]);
  }
  return order;
}

std::vector<std::span<const int32_t>> split_by_budget(const WindowSet& set,
                                                      std::span<const int32_t> order,
                                                      int64_t max_windows, int64_t token_budget) {
  std::vector<std::span<const int32_t>> parts;
  size_t begin = 0;
  int64_t tokens = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const int64_t length = set.windows[order[i]].length();
    const auto windows = static_cast<int64_t>(i - begin);
    if (windows > 0 && (windows >= max_windows || tokens + length > token_budget)) {
      parts.push_back(order.subspan(begin, i - begin));
      begin = i;
      tokens = 0;
    }
    tokens += length;
  }
  if (begin < order.size()) parts.push_back(order.subspan(begin));
  return parts;
}

int64_t count_tokens(const WindowSet& set, std::span<const int32_t> indices) {
  int64_t tokens = 0;
  for (const int32_t index : indices) tokens += set.windows[index].length();
  return tokens;
}

}  // namespace bertune
