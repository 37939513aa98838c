// SPDX-License-Identifier: Apache-2.0
// A packed batch: the tokens of several windows one after the other, without padding. Every matrix
// past this point has one row a token.
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
  // Empty unless words are predicted: the rows where they are, ascending.
  std::vector<int32_t> masked_rows;
  // As the WindowSet has them: [windows * targets_per_window], [rows] of tokens, or, where words
  // are predicted, [masked_rows] the words; empty without targets.
  std::vector<int32_t> targets;
  std::vector<float> target_values;  // [windows]; empty unless targets are numbers
  int32_t max_length = 0;            // tokens of the longest window

  int32_t size() const { return static_cast<int32_t>(windows.size()); }
  int32_t rows() const { return static_cast<int32_t>(ids.size()); }
};

// Packs windows `indices` of `set` into `batch`, whose memory is reused. `masking_key`, of seed and
// step, chooses what a set with `masking` hides.
void pack(const WindowSet& set, std::span<const int32_t> indices, Batch& batch,
          uint64_t masking_key = 0);

// Targets that are in the loss: those that are given and not ignored.
int64_t count_targets(const Batch& batch);

}  // namespace bertune
