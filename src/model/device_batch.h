// SPDX-License-Identifier: Apache-2.0
// A packed batch in the engine's memory. Its parts are gathered in one host buffer and uploaded
// together into one region, planned for the largest batch, because every transfer to a device has a
// fixed cost.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "batch/batch.h"
#include "engine/arena.h"
#include "engine/engine.h"
#include "model/capacity.h"

namespace bertune {

struct DeviceBatch {
  Packing packing;
  Tensor ids, types, positions;        // [1, rows] kI32
  Tensor by_id, by_type, by_position;  // [1, rows] kI32: rows in sorted order; training only
  Tensor first_rows;                   // [1, windows] kI32: the [CLS] row of each window
  Tensor window_keys;                  // [1, windows] kU64: the row keys of the first rows
  Tensor masked_rows;                  // [1, masked rows] kI32
  Tensor targets;                      // [1, n] kI32; empty without targets
  Tensor target_values;                // [1, n] parameter type; empty unless targets are numbers
};

class BatchUploader {
 public:
  // `values`: the numbers that are targets of a window.
  BatchUploader(Engine& engine, Arena& arena, const Capacity& capacity, Purpose purpose,
                int64_t values = 1);
  BatchUploader(const BatchUploader&) = delete;  // the arena points into it until it is committed
  BatchUploader& operator=(const BatchUploader&) = delete;

  // Returns views of the uploaded batch, valid until the next call.
  DeviceBatch upload(const Batch& batch);

 private:
  void make_keys(const Batch& batch);
  template <typename T>
  Tensor place(std::span<const T> values);
  Tensor place_values(const std::vector<float>& values);
  Tensor place_order(const std::vector<int32_t>& indices);
  void place_orders(const Batch& batch, DeviceBatch& device);

  Engine& engine_;
  const Purpose purpose_;
  Tensor region_;                   // [1, n] kU64
  std::vector<std::byte> staging_;  // what will be in the region
  size_t used_ = 0;                 // bytes of both
  // Reused by every batch.
  std::vector<uint64_t> row_keys_, window_keys_;
  std::vector<int32_t> order_, ends_;
  std::vector<double> values_;
};

}  // namespace bertune
