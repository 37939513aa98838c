// SPDX-License-Identifier: Apache-2.0
// What a device gets of a batch: all parts with one upload, and for training the rows in the orders
// in which gradients are added to the tables.
#include "model/device_batch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/recorder.h"
#include "engine/reference_engine.h"

namespace bertune {
namespace {

using Numbers = std::vector<int32_t>;

Batch two_windows() {
  return {.windows = {7, 3},
          .offsets = {0, 3, 5},
          .ids = {9, 4, 9, 4, 0},
          .types = {0, 0, 1, 0, 0},
          .positions = {0, 1, 2, 0, 1},
          .masked_rows = {1, 4},
          .targets = {5, 6},
          .target_values = {0.5f, -2.0f},
          .max_length = 3};
}

template <typename T>
std::vector<T> read(Engine& engine, const Tensor& x) {
  EXPECT_EQ(x.dtype, dtype_of<T>());
  std::vector<T> values(static_cast<size_t>(x.size()));
  engine.download(x, values.data());
  return values;
}

struct Uploaded {
  explicit Uploaded(Purpose purpose, std::unique_ptr<Engine> made = make_reference_engine<float>())
      : owner(std::move(made)),
        engine(*owner),
        arena(engine),
        uploader(engine, arena, {5, 2}, purpose) {
    engine.record(&recorder);
    arena.commit();
  }
  int64_t uploads() const {
    const auto& events = recorder.trace().events();
    return std::count_if(events.begin(), events.end(), [](const TraceEvent& event) {
      return std::string_view(event.op) == "upload";
    });
  }

  Recorder recorder{100};
  std::unique_ptr<Engine> owner;
  Engine& engine;
  Arena arena;
  BatchUploader uploader;
};

TEST(BatchUploader, GivesAllPartsOfTheBatch) {
  Uploaded uploaded(Purpose::kTraining);
  const Batch batch = two_windows();
  const DeviceBatch device = uploaded.uploader.upload(batch);
  const auto numbers = [&](const Tensor& x) { return read<int32_t>(uploaded.engine, x); };
  EXPECT_EQ(device.packing.windows, 2);
  EXPECT_EQ(device.packing.rows, 5);
  EXPECT_EQ(device.packing.max_length, 3);
  EXPECT_EQ(numbers(device.packing.offsets), batch.offsets);
  EXPECT_EQ(numbers(device.ids), batch.ids);
  EXPECT_EQ(numbers(device.types), batch.types);
  EXPECT_EQ(numbers(device.positions), batch.positions);
  EXPECT_EQ(numbers(device.first_rows), (Numbers{0, 3}));
  EXPECT_EQ(numbers(device.masked_rows), batch.masked_rows);
  EXPECT_EQ(numbers(device.targets), batch.targets);
  EXPECT_EQ(read<float>(uploaded.engine, device.target_values), batch.target_values);
  const auto row_keys = read<uint64_t>(uploaded.engine, device.packing.row_keys);
  const auto window_keys = read<uint64_t>(uploaded.engine, device.window_keys);
  EXPECT_EQ(window_keys, (std::vector<uint64_t>{row_keys[0], row_keys[3]}));
}

TEST(BatchUploader, SortsTheRowsOfATrainingBatch) {
  Uploaded training(Purpose::kTraining), inference(Purpose::kInference);
  const DeviceBatch device = training.uploader.upload(two_windows());
  EXPECT_EQ(read<int32_t>(training.engine, device.by_id), (Numbers{4, 1, 3, 0, 2}));
  EXPECT_EQ(read<int32_t>(training.engine, device.by_position), (Numbers{0, 3, 1, 4, 2}));
  EXPECT_EQ(read<int32_t>(training.engine, device.by_type), (Numbers{0, 1, 3, 4, 2}));
  EXPECT_FALSE(inference.uploader.upload(two_windows()).by_id);
}

TEST(BatchUploader, UploadsOnce) {
  Uploaded uploaded(Purpose::kTraining);
  uploaded.uploader.upload(two_windows());
  EXPECT_EQ(uploaded.uploads(), 1);
  uploaded.uploader.upload(two_windows());
  EXPECT_EQ(uploaded.uploads(), 2);
}

TEST(BatchUploader, TargetValuesHaveTheParameterType) {
  Uploaded uploaded(Purpose::kTraining, make_reference_engine<double>());
  const DeviceBatch device = uploaded.uploader.upload(two_windows());
  EXPECT_EQ(read<double>(uploaded.engine, device.target_values), (std::vector<double>{0.5, -2.0}));
}

TEST(BatchUploader, ABatchBeyondTheCapacityIsABug) {
  Uploaded uploaded(Purpose::kInference);
  Batch batch = two_windows();
  for (int i = 0; i < 100; ++i) {
    batch.ids.push_back(1), batch.types.push_back(0), batch.positions.push_back(2 + i);
  }
  batch.offsets.back() += 100;
  EXPECT_THROW(uploaded.uploader.upload(batch), Error);
}

}  // namespace
}  // namespace bertune
