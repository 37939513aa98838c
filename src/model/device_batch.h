// A packed batch in the engine's memory. Memory is planned once for the largest batch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "data/batch.h"
#include "engine/arena.h"
#include "engine/engine.h"

namespace bertune {

struct DeviceBatch {
  Packing packing;
  Tensor ids, types, positions;  // [1, rows] kI32
  Tensor targets;                // [windows, targets per window] kI32; empty in inference
};

class BatchUploader {
 public:
  BatchUploader(Engine& engine, Arena& arena, int64_t max_rows, int64_t max_windows,
                int64_t targets_per_window);
  BatchUploader(const BatchUploader&) = delete;  // the arena points into it until it is committed
  BatchUploader& operator=(const BatchUploader&) = delete;

  // Views of the uploaded batch; valid until the next call.
  DeviceBatch upload(const Batch& batch);

 private:
  Engine& engine_;
  Tensor offsets_, row_keys_, ids_, types_, positions_, targets_;  // [1, n]
  std::vector<uint64_t> host_row_keys_;
};

}  // namespace bertune
