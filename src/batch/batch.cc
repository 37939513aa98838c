// SPDX-License-Identifier: Apache-2.0
#include "batch/batch.h"

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

void fill_ids(const WindowSet& set, int32_t index, int32_t* out) {
  const Window& window = set.windows[index];
  *out++ = set.special.cls;
  if (set.id_file) {
    set.id_file->read(index, std::span(out, static_cast<size_t>(window.first_length)));
    out[window.first_length] = set.special.sep;
    return;
  }
  const auto first = std::span(set.texts[window.first]);
  out = copy_ids(first.subspan(window.first_begin, window.first_length), out);
  *out++ = set.special.sep;
  if (!window.is_pair()) return;
  const int32_t kept = window.second_end - window.second_begin;
  out = copy_ids(std::span(set.texts[window.second]).subspan(window.second_begin, kept), out);
  *out = set.special.sep;
}

void append_targets(const WindowSet& set, std::span<const int32_t> indices, Batch& batch) {
  batch.targets.clear();
  batch.target_values.clear();
  const int64_t count = set.targets_per_window;
  for (const int32_t index : indices) {
    if (!set.targets.empty()) {
      const auto begin = set.targets.begin() + index * count;
      batch.targets.insert(batch.targets.end(), begin, begin + count);
    } else if (!set.target_values.empty()) {
      batch.target_values.push_back(set.target_values[index]);
    } else if (!set.token_targets.empty()) {
      const std::vector<int32_t>& targets = set.token_targets[index];
      CHECK(static_cast<int32_t>(targets.size()) == set.windows[index].length());
      batch.targets.insert(batch.targets.end(), targets.begin(), targets.end());
    }
  }
}

void mask_all(const Masking& masking, const SpecialTokens& special, uint64_t key, Batch& batch) {
  CHECK(batch.targets.empty());
  batch.masked_rows.clear();
  for (int32_t w = 0; w < batch.size(); ++w) {
    const int32_t begin = batch.offsets[w], end = batch.offsets[w + 1];
    mask_words(masking, special, key,
               {.index = static_cast<uint64_t>(batch.windows[w]),
                .first_row = begin,
                .ids = std::span(batch.ids).subspan(begin, end - begin)},
               batch.masked_rows, batch.targets);
  }
}

// Rows whose token is predicted. With targets these are the rows that have one, and the other
// targets are dropped; without targets they are the [MASK] rows.
void find_masked_rows(const WindowSet& set, Batch& batch) {
  batch.masked_rows.clear();
  if (!set.predicts_words) return;
  const bool labelled = !batch.targets.empty();
  for (int32_t row = 0; row < batch.rows(); ++row) {
    const bool masked =
        labelled ? batch.targets[row] != kIgnoredTarget : batch.ids[row] == set.special.mask;
    if (masked) batch.masked_rows.push_back(row);
  }
  std::erase(batch.targets, kIgnoredTarget);
}

}  // namespace

void pack(const WindowSet& set, std::span<const int32_t> indices, Batch& batch,
          uint64_t masking_key) {
  CHECK(set.targets.empty() || set.targets.size() == set.windows.size() * set.targets_per_window);
  CHECK(set.target_values.empty() || set.target_values.size() == set.windows.size());
  CHECK(set.token_targets.empty() || set.token_targets.size() == set.windows.size());
  resize(set, indices, batch);
  for (size_t w = 0; w < indices.size(); ++w) {
    const Window& window = set.windows[indices[w]];
    const int32_t begin = batch.offsets[w], end = batch.offsets[w + 1];
    fill_ids(set, indices[w], batch.ids.data() + begin);
    std::iota(batch.positions.begin() + begin, batch.positions.begin() + end, 0);
    const int32_t second = begin + std::min(window.second_offset(), window.length());
    std::fill(batch.types.begin() + begin, batch.types.begin() + second, 0);
    std::fill(batch.types.begin() + second, batch.types.begin() + end, 1);
  }
  append_targets(set, indices, batch);
  if (set.masking) {
    mask_all(*set.masking, set.special, set.masking->key.value_or(masking_key), batch);
  } else {
    find_masked_rows(set, batch);
  }
}

int64_t count_targets(const Batch& batch) {
  const auto ignored = std::count(batch.targets.begin(), batch.targets.end(), kIgnoredTarget);
  return static_cast<int64_t>(batch.targets.size() + batch.target_values.size()) - ignored;
}

}  // namespace bertune
