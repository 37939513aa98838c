// SPDX-License-Identifier: Apache-2.0
#include "batch/batch.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace bertune {
namespace {

void check_set(const WindowSet& set) {
  CHECK(set.targets.empty() || set.targets.size() == set.windows.size() * set.targets_per_window);
  CHECK(set.target_values.size() == set.windows.size() * set.values_per_window());
  CHECK(set.token_targets.empty() || set.token_targets.size() == set.windows.size());
}

void check_agreement(const WindowSet& a, const WindowSet& b) {
  CHECK(a.special == b.special);
  CHECK(a.targets.empty() == b.targets.empty() && a.targets_per_window == b.targets_per_window);
  CHECK(a.values_per_window() == b.values_per_window());
  CHECK(a.token_targets.empty() == b.token_targets.empty());
  CHECK(a.predicts_words == b.predicts_words);
  CHECK(a.masking.has_value() == b.masking.has_value());
}

void check_sets(std::span<const WindowRef> windows) {
  const WindowSet* checked = nullptr;
  for (const WindowRef& window : windows) {
    if (window.set == checked) continue;
    checked = window.set;
    check_set(*checked);
    check_agreement(*windows.front().set, *checked);
  }
}

void resize(std::span<const WindowRef> windows, Batch& batch) {
  batch.windows.clear();
  batch.offsets.assign(1, 0);
  batch.max_length = 0;
  for (const WindowRef& window : windows) {
    const int32_t length = window->length();
    batch.windows.push_back(window.window);
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

void fill_ids(const WindowRef& ref, int32_t* out) {
  const WindowSet& set = *ref.set;
  const Window& window = *ref;
  *out++ = set.special.cls;
  if (set.id_file) {
    set.id_file->read(ref.window, std::span(out, static_cast<size_t>(window.first_length)));
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

void fill_rows(const WindowRef& window, int32_t begin, int32_t end, Batch& batch) {
  fill_ids(window, batch.ids.data() + begin);
  std::iota(batch.positions.begin() + begin, batch.positions.begin() + end, 0);
  const int32_t second = begin + std::min(window->second_offset(), window->length());
  std::fill(batch.types.begin() + begin, batch.types.begin() + second, 0);
  std::fill(batch.types.begin() + second, batch.types.begin() + end, 1);
}

void append_targets(const WindowRef& ref, Batch& batch) {
  const WindowSet& set = *ref.set;
  if (!set.targets.empty()) {
    const int64_t count = set.targets_per_window;
    const auto begin = set.targets.begin() + ref.window * count;
    batch.targets.insert(batch.targets.end(), begin, begin + count);
  } else if (!set.target_values.empty()) {
    const auto count = static_cast<int64_t>(set.values_per_window());
    const auto begin = set.target_values.begin() + ref.window * count;
    batch.target_values.insert(batch.target_values.end(), begin, begin + count);
  } else if (!set.token_targets.empty()) {
    const std::vector<int32_t>& targets = set.token_targets[ref.window];
    CHECK(static_cast<int32_t>(targets.size()) == ref->length());
    batch.targets.insert(batch.targets.end(), targets.begin(), targets.end());
  }
}

void mask_window(const WindowRef& ref, int32_t begin, int32_t end, uint64_t key, Batch& batch) {
  const Masking& masking = *ref.set->masking;
  mask_words(masking, ref.set->special, masking.key.value_or(key),
             {.index = static_cast<uint64_t>(ref.window),
              .first_row = begin,
              .ids = std::span(batch.ids).subspan(begin, end - begin)},
             batch.masked_rows, batch.targets);
}

void mask_all(std::span<const WindowRef> windows, uint64_t key, Batch& batch) {
  CHECK(batch.targets.empty());
  for (size_t w = 0; w < windows.size(); ++w) {
    mask_window(windows[w], batch.offsets[w], batch.offsets[w + 1], key, batch);
  }
}

// Rows whose token is predicted. With targets these are the rows that have one, and the other
// targets are dropped; without targets they are the [MASK] rows.
void find_masked_rows(const SpecialTokens& special, Batch& batch) {
  const bool labelled = !batch.targets.empty();
  for (int32_t row = 0; row < batch.rows(); ++row) {
    const bool masked =
        labelled ? batch.targets[row] != kIgnoredTarget : batch.ids[row] == special.mask;
    if (masked) batch.masked_rows.push_back(row);
  }
  std::erase(batch.targets, kIgnoredTarget);
}

}  // namespace

void pack(std::span<const WindowRef> windows, Batch& batch, uint64_t masking_key) {
  check_sets(windows);
  resize(windows, batch);
  batch.targets.clear();
  batch.target_values.clear();
  batch.masked_rows.clear();
  for (size_t w = 0; w < windows.size(); ++w) {
    fill_rows(windows[w], batch.offsets[w], batch.offsets[w + 1], batch);
    append_targets(windows[w], batch);
  }
  if (windows.empty()) return;
  const WindowSet& any = *windows.front().set;
  if (any.masking) {
    mask_all(windows, masking_key, batch);
  } else if (any.predicts_words) {
    find_masked_rows(any.special, batch);
  }
}

void pack(const WindowSet& set, std::span<const int32_t> indices, Batch& batch,
          uint64_t masking_key) {
  std::vector<WindowRef> windows;
  windows.reserve(indices.size());
  for (const int32_t index : indices) windows.push_back({&set, index});
  pack(windows, batch, masking_key);
}

int64_t count_targets(const Batch& batch) {
  const auto ignored = std::count(batch.targets.begin(), batch.targets.end(), kIgnoredTarget);
  return static_cast<int64_t>(batch.targets.size() + batch.target_values.size()) - ignored;
}

}  // namespace bertune
