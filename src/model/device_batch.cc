// SPDX-License-Identifier: Apache-2.0
#include "model/device_batch.h"

#include "base/random.h"

namespace bertune {
namespace {

// The first `count` elements of a [1, n] tensor, filled from the host.
template <typename T>
Tensor fill(Engine& engine, const Tensor& slot, const std::vector<T>& values) {
  const auto count = static_cast<int64_t>(values.size());
  const Tensor view = slot.slice_cols(0, count);
  engine.upload(values.data(), view);
  return view;
}

}  // namespace

BatchUploader::BatchUploader(Engine& engine, Arena& arena, int64_t max_rows, int64_t max_windows,
                             int64_t targets_per_window)
    : engine_(engine) {
  arena.plan(offsets_, "batch", DType::kI32, 1, max_windows + 1);
  arena.plan(row_keys_, "batch", DType::kU64, 1, max_rows);
  arena.plan(ids_, "batch", DType::kI32, 1, max_rows);
  arena.plan(types_, "batch", DType::kI32, 1, max_rows);
  arena.plan(positions_, "batch", DType::kI32, 1, max_rows);
  arena.plan(targets_, "batch", DType::kI32, 1, max_windows * targets_per_window);
}

DeviceBatch BatchUploader::upload(const Batch& batch) {
  engine_.mark("batch", -1);
  host_row_keys_.resize(batch.ids.size());
  for (int32_t w = 0; w < batch.size(); ++w) {
    const uint64_t window_key = mix64(static_cast<uint64_t>(batch.windows[w]));
    for (int32_t row = batch.offsets[w]; row < batch.offsets[w + 1]; ++row) {
      host_row_keys_[row] = fold(window_key, static_cast<uint64_t>(row - batch.offsets[w]));
    }
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
  if (!batch.targets.empty()) {
    const int64_t columns = static_cast<int64_t>(batch.targets.size()) / batch.size();
    const Tensor flat = fill(engine_, targets_, batch.targets);
    device.targets = {flat.data, DType::kI32, batch.size(), columns, columns};
  }
  return device;
}

}  // namespace bertune
