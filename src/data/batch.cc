// SPDX-License-Identifier: Apache-2.0
#include "data/batch.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace bertune {
namespace {

void resize(const WindowSet& set, std::span<const int32_t> indices, Batch& batch) {
  batch.windows.assign(indices.begin(), indices.end());
  batch.offsets.assign(1, 0);
  batch.max_length = 0;
  for (const int32_t index : indices) {
    const int32_t length = set.windows[index].length();
    batch.offsets.push_back(batch.offsets.back() + length);
    batch.max_length = std::max(batch.max_length, length);
  }
  const size_t rows = batch.offsets.back();
  batch.ids.resize(rows);
  batch.types.resize(rows);
  batch.positions.resize(rows);
}

int32_t* copy_ids(std::span<const Token> tokens, int32_t* out) {
  return std::transform(tokens.begin(), tokens.end(), out, [](const Token& t) { return t.id; });
}

void fill_ids(const WindowSet& set, const Window& window, int32_t* out) {
  *out++ = set.special.cls;
  out = copy_ids(std::span(set.texts[window.first]).first(window.first_length), out);
  *out++ = set.special.sep;
  if (!window.is_pair()) return;
  const int32_t kept = window.second_end - window.second_begin;
  out = copy_ids(std::span(set.texts[window.second]).subspan(window.second_begin, kept), out);
  *out = set.special.sep;
}

void append_targets(const WindowSet& set, std::span<const int32_t> indices, Batch& batch) {
  batch.targets.clear();
  if (set.targets.empty()) return;
  const int64_t count = set.targets_per_window;
  for (const int32_t index : indices) {
    const auto begin = set.targets.begin() + index * count;
    batch.targets.insert(batch.targets.end(), begin, begin + count);
  }
}

}  // namespace

void pack(const WindowSet& set, std::span<const int32_t> indices, Batch& batch) {
  CHECK(set.targets.empty() || set.targets.size() == set.windows.size() * set.targets_per_window);
  resize(set, indices, batch);
  for (size_t w = 0; w < indices.size(); ++w) {
    const Window& window = set.windows[indices[w]];
    const int32_t begin = batch.offsets[w], end = batch.offsets[w + 1];
    fill_ids(set, window, batch.ids.data() + begin);
    std::iota(batch.positions.begin() + begin, batch.positions.begin() + end, 0);
    const int32_t second = begin + std::min(window.second_offset(), window.length());
    std::fill(batch.types.begin() + begin, batch.types.begin() + second, 0);
    std::fill(batch.types.begin() + second, batch.types.begin() + end, 1);
  }
  append_targets(set, indices, batch);
}

}  // namespace bertune
