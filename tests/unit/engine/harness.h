// SPDX-License-Identifier: Apache-2.0
// Runs one op on several engines with the same inputs and compares the results. Inputs are first
// rounded to the formats of the engine under test, so that only the kernel's own rounding shows.
// Tensors that an op assigns start as NaN, so that reading one is detected.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/random.h"
#include "engine/bfloat16.h"
#include "engine/reference_engine.h"
#include "tolerance.h"

namespace bertune {

struct HostMatrix {
  int64_t rows = 0, cols = 0;
  std::vector<double> values;
};

// One result of an op as read back, with the values that its tolerance depends on.
struct Output {
  std::string name;
  std::vector<double> values;
  DType precision;
  int64_t reduction_length;
  double terms = 0.0;  // magnitude of the terms, for results in which they cancel
};
using Outputs = std::vector<Output>;

inline double rounded(double value, DType dtype) {
  if (dtype == DType::kF32) return static_cast<float>(value);
  if (dtype == DType::kBF16) return to_float(to_bfloat16(static_cast<float>(value)));
  return value;
}

template <typename T, typename Convert>
std::vector<std::byte> bytes_of(const std::vector<double>& values, const Convert& convert) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    const T value = convert(values[i]);
    std::memcpy(bytes.data() + i * sizeof(T), &value, sizeof(T));
  }
  return bytes;
}

inline std::vector<std::byte> encode(const std::vector<double>& values, DType dtype) {
  // NaN in any element type that an engine may store there.
  if (dtype == DType::kBytes) return std::vector<std::byte>(values.size(), std::byte{0xff});
  if (dtype == DType::kF64) return bytes_of<double>(values, [](double x) { return x; });
  if (dtype == DType::kF32) {
    return bytes_of<float>(values, [](double x) { return static_cast<float>(x); });
  }
  CHECK(dtype == DType::kBF16);
  return bytes_of<BFloat16>(values, [](double x) { return to_bfloat16(static_cast<float>(x)); });
}

template <typename T, typename Convert>
std::vector<double> values_of(const std::vector<std::byte>& bytes, const Convert& convert) {
  std::vector<double> values(bytes.size() / sizeof(T));
  for (size_t i = 0; i < values.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    values[i] = convert(value);
  }
  return values;
}

inline std::vector<double> decode(const std::vector<std::byte>& bytes, DType dtype) {
  if (dtype == DType::kF64) return values_of<double>(bytes, [](double x) { return x; });
  if (dtype == DType::kF32) return values_of<float>(bytes, [](float x) { return double{x}; });
  CHECK(dtype == DType::kBF16);
  return values_of<BFloat16>(bytes, [](BFloat16 x) { return double{to_float(x)}; });
}

// The tensors of one run of an op on one engine. Random numbers are a function of the seed and a
// counter, so two harnesses with the same calls hold the same values.
class Harness {
 public:
  Harness(Engine& engine, DTypes rounding) : engine_(engine), rounding_(rounding) {}

  Engine& engine() { return engine_; }
  DTypes rounding() const { return rounding_; }
  DType activation_type() const { return engine_.dtypes().activation; }
  DType parameter_type() const { return engine_.dtypes().parameter; }

  // Normally distributed values around `mean`.
  HostMatrix random(int64_t rows, int64_t cols, double scale = 1.0, double mean = 0.0) {
    HostMatrix x{rows, cols, std::vector<double>(static_cast<size_t>(rows * cols))};
    for (double& value : x.values) value = mean + scale * normal(kSeed, counter_++);
    return x;
  }
  int32_t random_index(int64_t count) {
    return static_cast<int32_t>(uniform(fold(kSeed, 1), counter_++) * static_cast<double>(count));
  }

  // Inputs, rounded to the engine's formats.
  Tensor activation(const HostMatrix& x) {
    return upload(x, rounding_.activation, activation_type());
  }
  Tensor parameter(const HostMatrix& x) { return upload(x, rounding_.parameter, parameter_type()); }
  // A matrix with padding between rows, as if planned for more rows than the batch has.
  Tensor wide_parameter(int64_t rows, int64_t cols) {
    return assigned_parameter(rows, cols + kSpareColumns).slice_cols(0, cols);
  }
  Tensor wide_parameter(const HostMatrix& x) {
    HostMatrix wide{x.rows, x.cols + kSpareColumns, {}};
    for (int64_t r = 0; r < x.rows; ++r) {
      const auto first = x.values.begin() + r * x.cols;
      wide.values.insert(wide.values.end(), first, first + x.cols);
      wide.values.insert(wide.values.end(), kSpareColumns, 0.0);
    }
    return parameter(wide).slice_cols(0, x.cols);
  }
  Tensor indices(const std::vector<int32_t>& values, int64_t rows = 1) {
    return upload_as_is(values.data(), DType::kI32, rows,
                        static_cast<int64_t>(values.size()) / rows);
  }
  std::vector<int32_t> random_values(int64_t size, int64_t count) {
    std::vector<int32_t> values(static_cast<size_t>(size));
    for (int32_t& value : values) value = random_index(count);
    return values;
  }
  Tensor random_indices(int64_t size, int64_t count) { return indices(random_values(size, count)); }
  // The rows 0, 1, ... sorted stably by their index.
  Tensor order_by(const std::vector<int32_t>& values) {
    std::vector<int32_t> rows(values.size());
    std::iota(rows.begin(), rows.end(), 0);
    std::stable_sort(rows.begin(), rows.end(),
                     [&](int32_t a, int32_t b) { return values[a] < values[b]; });
    return indices(rows);
  }
  Tensor row_keys(int64_t rows) {
    std::vector<uint64_t> keys(static_cast<size_t>(rows));
    for (uint64_t& key : keys) key = fold(kSeed, counter_++);
    return upload_as_is(keys.data(), DType::kU64, 1, rows);
  }
  Packing packing(const std::vector<int32_t>& lengths) {
    std::vector<int32_t> offsets{0};
    for (const int32_t length : lengths) offsets.push_back(offsets.back() + length);
    return {.offsets = indices(offsets),
            .row_keys = row_keys(offsets.back()),
            .windows = static_cast<int32_t>(lengths.size()),
            .rows = offsets.back(),
            .max_length = *std::max_element(lengths.begin(), lengths.end())};
  }

  // Outputs that the op assigns, filled with NaN.
  Tensor assigned(DType dtype, int64_t rows, int64_t cols) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const HostMatrix garbage{rows, cols,
                             std::vector<double>(static_cast<size_t>(rows * cols), nan)};
    return upload(garbage, dtype, dtype);
  }
  // A sum in double to which the op adds.
  Tensor sum(double start = 0.0) {
    const HostMatrix host{1, 1, {start}};
    return upload(host, DType::kF64, DType::kF64);
  }
  Tensor assigned_activation(int64_t rows, int64_t cols) {
    return assigned(activation_type(), rows, cols);
  }
  Tensor assigned_parameter(int64_t rows, int64_t cols) {
    return assigned(parameter_type(), rows, cols);
  }

  HostMatrix read(Tensor x) {
    HostMatrix host{x.rows, x.cols, {}};
    std::vector<std::byte> bytes(static_cast<size_t>(x.cols) * size_of(x.dtype));
    for (int64_t r = 0; r < x.rows; ++r) {
      engine_.download(x.slice_rows(r, 1), bytes.data());
      const std::vector<double> row = decode(bytes, x.dtype);
      host.values.insert(host.values.end(), row.begin(), row.end());
    }
    return host;
  }

  // A result with the precision in which it is stored, or with `precision` if its inputs were
  // coarser.
  Output output(const std::string& name, Tensor x, int64_t reduction_length) {
    return output(name, x, reduction_length, x.dtype);
  }
  Output output(const std::string& name, Tensor x, int64_t reduction_length, DType precision) {
    return {.name = name,
            .values = read(x).values,
            .precision = precision,
            .reduction_length = reduction_length};
  }
  // A range of columns, because the other columns have another magnitude.
  Output output_columns(const std::string& name, Tensor x, int64_t begin, int64_t count,
                        int64_t reduction_length) {
    const HostMatrix all = read(x);
    Output part{
        .name = name, .values = {}, .precision = x.dtype, .reduction_length = reduction_length};
    for (int64_t r = 0; r < x.rows; ++r) {
      const auto first = all.values.begin() + r * x.cols + begin;
      part.values.insert(part.values.end(), first, first + count);
    }
    return part;
  }

 private:
  static constexpr uint64_t kSeed = 20240229;
  static constexpr int64_t kSpareColumns = 3;

  Tensor allocate(DType dtype, int64_t rows, int64_t cols) {
    const auto bytes = static_cast<size_t>(rows * cols) * size_of(dtype);
    buffers_.push_back(engine_.allocate(bytes));
    return {buffers_.back()->data(), dtype, rows, cols, cols};
  }
  Tensor upload_as_is(const void* values, DType dtype, int64_t rows, int64_t cols) {
    const Tensor x = allocate(dtype, rows, cols);
    engine_.upload(values, x);
    engine_.synchronize();
    return x;
  }
  Tensor upload(const HostMatrix& host, DType rounding, DType dtype) {
    std::vector<double> values = host.values;
    for (double& value : values) value = rounded(value, rounding);
    return upload_as_is(encode(values, dtype).data(), dtype, host.rows, host.cols);
  }

  Engine& engine_;
  DTypes rounding_;
  uint64_t counter_ = 0;
  std::vector<std::unique_ptr<Buffer>> buffers_;
};

// An op with its shapes: gets inputs from the harness, runs and returns the results.
struct OpCase {
  std::string name;
  std::function<Outputs(Harness&)> run;
};
inline void PrintTo(const OpCase& op, std::ostream* out) { *out << op.name; }

inline double largest(const std::vector<double>& values) {
  double result = 0.0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

inline void expect_close(const Output& expected, const Output& actual) {
  ASSERT_EQ(expected.values.size(), actual.values.size()) << expected.name;
  const double magnitude = std::max(largest(expected.values), expected.terms);
  const double bound = tolerance(actual.precision, actual.reduction_length, magnitude);
  size_t wrong = 0, first = 0;
  for (size_t i = actual.values.size(); i-- > 0;) {
    if (std::abs(expected.values[i] - actual.values[i]) <= bound) continue;  // false for NaN
    ++wrong;
    first = i;
  }
  EXPECT_EQ(wrong, 0u) << actual.name << ": of " << actual.values.size() << " values up to "
                       << magnitude << ", the first at " << first << ": expected "
                       << expected.values[first] << ", got " << actual.values[first]
                       << ", tolerance " << bound;
}

// Expects that the op on `engine` gives the results of engine/reference.h in double.
inline void expect_as_reference(const OpCase& op, Engine& engine) {
  const std::unique_ptr<Engine> reference = make_reference_engine<double>();
  Harness exact(*reference, engine.dtypes());
  Harness harness(engine, engine.dtypes());
  const Outputs expected = op.run(exact), actual = op.run(harness);
  ASSERT_EQ(expected.size(), actual.size());
  for (size_t i = 0; i < actual.size(); ++i) expect_close(expected[i], actual[i]);
}

}  // namespace bertune
