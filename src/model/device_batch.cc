// SPDX-License-Identifier: Apache-2.0
#include "model/device_batch.h"

#include <algorithm>

#include "base/random.h"

namespace bertune {
namespace {

// Returns the first `count` elements of a [1, n] tensor, filled from the host.
template <typename T>
Tensor fill(Engine& engine, const Tensor& slot, const std::vector<T>& values) {
  const auto count = static_cast<int64_t>(values.size());
  const Tensor view = slot.slice_cols(0, count);
  engine.upload(values.data(), view);
  return view;
}

}  // namespace

BatchUploader::BatchUploader(Engine& engine, Arena& arena, int64_t max_rows, int64_t max_windows)
    : engine_(engine) {
  constexpr int64_t kMostTargets = 2;  // per window: start and end
  arena.plan(offsets_, "batch", DType::kI32, 1, max_windows + 1);
  arena.plan(row_keys_, "batch", DType::kU64, 1, max_rows);
  arena.plan(ids_, "batch", DType::kI32, 1, max_rows);
  arena.plan(types_, "batch", DType::kI32, 1, max_rows);
  arena.plan(positions_, "batch", DType::kI32, 1, max_rows);
  arena.plan(window_keys_, "batch", DType::kU64, 1, max_windows);
  arena.plan(masked_rows_, "batch", DType::kI32, 1, max_rows);
  arena.plan(targets_, "batch", DType::kI32, 1, std::max(max_rows, kMostTargets * max_windows));
  arena.plan(target_values_, "batch", engine.dtypes().parameter, 1, max_windows);
}

Tensor BatchUploader::upload_values(const std::vector<float>& values) {
  if (target_values_.dtype == DType::kF32) return fill(engine_, target_values_, values);
  return fill(engine_, target_values_, std::vector<double>(values.begin(), values.end()));
}

DeviceBatch BatchUploader::upload(const Batch& batch) {
  engine_.mark("batch", -1);
  host_row_keys_.resize(batch.ids.size());
  host_window_keys_.clear();
  for (int32_t w = 0; w < batch.size(); ++w) {
    const uint64_t window_key = mix64(static_cast<uint64_t>(batch.windows[w]));
    for (int32_t row = batch.offsets[w]; row < batch.offsets[w + 1]; ++row) {
      host_row_keys_[row] = fold(window_key, static_cast<uint64_t>(row - batch.offsets[w]));
    }
    host_window_keys_.push_back(host_row_keys_[batch.offsets[w]]);
  }
  DeviceBatch device;
  device.packing.windows = batch.size();
  device.packing.rows = batch.rows();
  device.packing.max_length = batch.max_length;
  device.packing.offsets = fill(engine_, offsets_, batch.offsets);
  device.packing.row_keys = fill(engine_, row_keys_, host_row_keys_);
  device.ids = fill(engine_, ids_, batch.ids);
  device.types = fill(engine_, types_, batch.types);
  device.positions = fill(engine_, positions_, batch.positions);
  device.first_rows = device.packing.offsets.slice_cols(0, batch.size());
  device.window_keys = fill(engine_, window_keys_, host_window_keys_);
  device.masked_rows = fill(engine_, masked_rows_, batch.masked_rows);
  if (!batch.targets.empty()) device.targets = fill(engine_, targets_, batch.targets);
  if (!batch.target_values.empty()) device.target_values = upload_values(batch.target_values);
  return device;
}

}  // namespace bertune
