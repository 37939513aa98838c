// SPDX-License-Identifier: Apache-2.0
// A packed batch in the engine's memory, which is planned once for the largest batch.
#pragma once

#include <cstdint>
#include <vector>

#include "batch/batch.h"
#include "engine/arena.h"
#include "engine/engine.h"

namespace bertune {

struct DeviceBatch {
  Packing packing;
  Tensor ids, types, positions;  // [1, rows] kI32
  Tensor first_rows;             // [1, windows] kI32: the [CLS] row of each window
  Tensor window_keys;            // [1, windows] kU64: the row keys of the first rows
  Tensor masked_rows;            // [1, masked rows] kI32
  Tensor targets;                // [1, n] kI32; empty without targets
  Tensor target_values;          // [1, windows] parameter type; empty unless targets are numbers
};

class BatchUploader {
 public:
  BatchUploader(Engine& engine, Arena& arena, int64_t max_rows, int64_t max_windows);
  BatchUploader(const BatchUploader&) = delete;  // the arena points into it until it is committed
  BatchUploader& operator=(const BatchUploader&) = delete;

  // Returns views of the uploaded batch, valid until the next call.
  DeviceBatch upload(const Batch& batch);

 private:
  Tensor upload_values(const std::vector<float>& values);

  Engine& engine_;
  Tensor offsets_, row_keys_, ids_, types_, positions_;         // [1, n]
  Tensor window_keys_, masked_rows_, targets_, target_values_;  // [1, n]
  std::vector<uint64_t> host_row_keys_, host_window_keys_;
};

}  // namespace bertune
