// SPDX-License-Identifier: Apache-2.0
#include "model/device_batch.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "base/random.h"

namespace bertune {
namespace {

constexpr size_t kAlignment = 64;  // of every part of the region

size_t padded(size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// The bytes of the largest batch, part by part.
size_t region_bytes(const Capacity& capacity, DType parameter, Purpose purpose, int64_t values) {
  constexpr int64_t kMostTargets = 2;  // per window: start and end
  const int64_t rows = capacity.rows, windows = capacity.windows;
  size_t bytes = 0;
  const auto add = [&](DType dtype, int64_t count) {
    bytes += padded(static_cast<size_t>(count) * size_of(dtype));
  };
  add(DType::kI32, windows + 1);  // offsets
  add(DType::kU64, rows);         // row keys
  add(DType::kU64, windows);      // window keys
  const int lists_of_rows = purpose == Purpose::kTraining ? 7 : 4;
  for (int i = 0; i < lists_of_rows; ++i) add(DType::kI32, rows);
  add(DType::kI32, std::max(rows, kMostTargets * windows));
  add(parameter, windows * values);
  return bytes;
}

// Sorts the rows 0, 1, ... by their index by counting, which is stable. `ends` is scratch.
void sort_rows(const std::vector<int32_t>& indices, std::vector<int32_t>& ends,
               std::vector<int32_t>& order) {
  order.resize(indices.size());
  if (indices.empty()) return;
  const auto [least, most] = std::minmax_element(indices.begin(), indices.end());
  CHECK(*least >= 0);
  ends.assign(static_cast<size_t>(*most) + 1, 0);
  for (const int32_t index : indices) ++ends[index];
  std::partial_sum(ends.begin(), ends.end(), ends.begin());
  for (auto row = static_cast<int32_t>(indices.size()); row-- > 0;) {
    order[--ends[indices[row]]] = row;
  }
}

double squared_lengths(const Batch& batch) {
  double sum = 0.0;
  for (size_t w = 1; w < batch.offsets.size(); ++w) {
    const double length = batch.offsets[w] - batch.offsets[w - 1];
    sum += length * length;
  }
  return sum;
}

}  // namespace

BatchUploader::BatchUploader(Engine& engine, Arena& arena, const Capacity& capacity,
                             Purpose purpose, int64_t values)
    : engine_(engine), purpose_(purpose) {
  const size_t bytes = region_bytes(capacity, engine.dtypes().parameter, purpose, values);
  arena.plan(region_, "batch", DType::kU64, 1, static_cast<int64_t>(bytes / sizeof(uint64_t)));
}

// Copies the values into the staging buffer and returns the view of them that the upload fills.
template <typename T>
Tensor BatchUploader::place(std::span<const T> values) {
  const auto count = static_cast<int64_t>(values.size());
  CHECK(used_ + padded(values.size_bytes()) <= staging_.size());
  if (count > 0) std::memcpy(staging_.data() + used_, values.data(), values.size_bytes());
  void* data = static_cast<std::byte*>(region_.data) + used_;
  used_ += padded(values.size_bytes());
  return {data, dtype_of<T>(), 1, count, count};
}

Tensor BatchUploader::place_values(const std::vector<float>& values) {
  if (engine_.dtypes().parameter == DType::kF32) return place(std::span(values));
  values_.assign(values.begin(), values.end());
  return place(std::span<const double>(values_));
}

Tensor BatchUploader::place_order(const std::vector<int32_t>& indices) {
  sort_rows(indices, ends_, order_);
  return place(std::span<const int32_t>(order_));
}

void BatchUploader::place_orders(const Batch& batch, DeviceBatch& device) {
  device.by_id = place_order(batch.ids);
  device.by_type = place_order(batch.types);
  device.by_position = place_order(batch.positions);
}

void BatchUploader::make_keys(const Batch& batch) {
  row_keys_.resize(batch.ids.size());
  window_keys_.clear();
  for (int32_t w = 0; w < batch.size(); ++w) {
    const uint64_t window_key = mix64(static_cast<uint64_t>(batch.windows[w]));
    for (int32_t row = batch.offsets[w]; row < batch.offsets[w + 1]; ++row) {
      row_keys_[row] = fold(window_key, static_cast<uint64_t>(row - batch.offsets[w]));
    }
    window_keys_.push_back(row_keys_[batch.offsets[w]]);
  }
}

DeviceBatch BatchUploader::upload(const Batch& batch) {
  engine_.mark("batch", -1);
  make_keys(batch);
  staging_.resize(static_cast<size_t>(region_.size()) * sizeof(uint64_t));
  used_ = 0;
  DeviceBatch device;
  device.packing.windows = batch.size();
  device.packing.rows = batch.rows();
  device.packing.max_length = batch.max_length;
  device.packing.squared_lengths = squared_lengths(batch);
  device.packing.offsets = place(std::span(batch.offsets));
  device.packing.row_keys = place(std::span<const uint64_t>(row_keys_));
  device.ids = place(std::span(batch.ids));
  device.types = place(std::span(batch.types));
  device.positions = place(std::span(batch.positions));
  device.first_rows = device.packing.offsets.slice_cols(0, batch.size());
  device.window_keys = place(std::span<const uint64_t>(window_keys_));
  device.masked_rows = place(std::span(batch.masked_rows));
  if (!batch.targets.empty()) device.targets = place(std::span(batch.targets));
  if (!batch.target_values.empty()) device.target_values = place_values(batch.target_values);
  if (purpose_ == Purpose::kTraining) place_orders(batch, device);
  const auto words = static_cast<int64_t>(used_ / sizeof(uint64_t));
  engine_.upload(staging_.data(), region_.slice_cols(0, words));
  return device;
}

}  // namespace bertune
