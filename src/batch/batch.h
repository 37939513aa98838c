// SPDX-License-Identifier: Apache-2.0
// A packed batch: the tokens of several windows, concatenated without padding. Every matrix
// computed from it has one row per token.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "batch/window.h"

namespace bertune {

struct Batch {
  std::vector<int32_t> windows;    // [windows] index of each window in its WindowSet
  std::vector<int32_t> offsets;    // [windows + 1] row of each window's first token; last: rows
  std::vector<int32_t> ids;        // [rows]
  std::vector<int32_t> types;      // [rows] 0 first text with [CLS] and its [SEP], 1 second text
  std::vector<int32_t> positions;  // [rows] index in the window
  // The rows whose token is predicted, ascending; empty unless tokens are predicted.
  std::vector<int32_t> masked_rows;
  // As in the WindowSet: [windows * targets_per_window], or one for each token [rows], or the
  // predicted tokens' ids [masked_rows]. Empty without targets.
  std::vector<int32_t> targets;
  // As in the WindowSet: [windows * values per window]; empty unless targets are numbers.
  std::vector<float> target_values;
  int32_t max_length = 0;  // tokens of the longest window

  int32_t size() const { return static_cast<int32_t>(windows.size()); }
  int32_t rows() const { return static_cast<int32_t>(ids.size()); }
};

// Packs windows, which may come from several sets, into `batch` and reuses its memory. The sets
// must agree in their special tokens, in the kind of their targets and in whether words are
// predicted or masked. `masking_key`, derived from seed and step, selects the tokens to mask if a
// set has `masking`.
void pack(std::span<const WindowRef> windows, Batch& batch, uint64_t masking_key = 0);

// Packs the windows `indices` of one set.
void pack(const WindowSet& set, std::span<const int32_t> indices, Batch& batch,
          uint64_t masking_key = 0);

// The number of targets that count in the loss, that is, all but ignored ones.
int64_t count_targets(const Batch& batch);

}  // namespace bertune
