// SPDX-License-Identifier: Apache-2.0
// The one tensor type: a non-owning view of rows x cols. Rows are tokens, or the outputs of a
// linear map; a vector is one row. The owners of memory are in engine.h and arena.h.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/check.h"

namespace bertune {

// kBytes are opaque: only the engine that wrote them knows what they mean.
enum class DType : uint8_t { kF32, kBF16, kF64, kI32, kU64, kI8, kBytes };

constexpr size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::kI8:
    case DType::kBytes:
      return 1;
    case DType::kBF16:
      return 2;
    case DType::kF64:
    case DType::kU64:
      return 8;
    case DType::kF32:
    case DType::kI32:
      return 4;
  }
  return 0;
}

// The bits of a bfloat16. Conversion from float rounds to nearest, ties to even; conversion to
// float is exact.
struct BFloat16 {
  uint16_t bits;
};

template <typename T>
constexpr DType dtype_of();
template <>
constexpr DType dtype_of<float>() {
  return DType::kF32;
}
template <>
constexpr DType dtype_of<double>() {
  return DType::kF64;
}
template <>
constexpr DType dtype_of<BFloat16>() {
  return DType::kBF16;
}
template <>
constexpr DType dtype_of<int32_t>() {
  return DType::kI32;
}
template <>
constexpr DType dtype_of<int8_t>() {
  return DType::kI8;
}
template <>
constexpr DType dtype_of<uint64_t>() {
  return DType::kU64;
}

// A view whose element type is known to the compiler, used in kernels and in the reference.
template <typename T>
struct Matrix {
  T* data = nullptr;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t stride = 0;  // elements from one row to the next

  constexpr T* row(int64_t r) const { return data + r * stride; }
  constexpr T& operator()(int64_t r, int64_t c) const { return data[r * stride + c]; }
  constexpr explicit operator bool() const { return data != nullptr; }
};

// A view whose element type is a run-time value, used in the device contract. Its functions are
// host arithmetic on shapes and addresses and never touch the elements; a view without memory has
// parts without memory.
struct Tensor {
  void* data = nullptr;
  DType dtype = DType::kF32;
  int64_t rows = 0;
  int64_t cols = 0;
  int64_t stride = 0;  // elements from one row to the next

  constexpr explicit operator bool() const { return data != nullptr; }
  constexpr int64_t size() const { return rows * cols; }
  constexpr bool is_dense() const { return stride == cols || rows <= 1; }

  constexpr Tensor slice_rows(int64_t begin, int64_t count) const {
    CHECK(begin >= 0 && count >= 0 && begin + count <= rows);
    return {at(begin * stride), dtype, count, cols, stride};
  }
  constexpr Tensor slice_cols(int64_t begin, int64_t count) const {
    CHECK(begin >= 0 && count >= 0 && begin + count <= cols);
    return {at(begin), dtype, rows, count, stride};
  }

  // The same dense elements with another number of rows and columns.
  constexpr Tensor reshape(int64_t new_rows, int64_t new_cols) const {
    CHECK(is_dense() && new_rows * new_cols == size());
    return {data, dtype, new_rows, new_cols, new_cols};
  }

  // The typed view, whose type must match the tensor's. An empty tensor yields an empty view.
  template <typename T>
  constexpr Matrix<T> as() const {
    CHECK(data == nullptr || dtype == dtype_of<T>());
    return {data == nullptr ? nullptr : static_cast<T*>(data), rows, cols, stride};
  }

 private:
  // A constant expression only for empty views, because C++20 has no constant cast from void*.
  constexpr void* at(int64_t element) const {
    if (data == nullptr) return nullptr;
    return static_cast<char*>(data) + element * static_cast<int64_t>(size_of(dtype));
  }
};

}  // namespace bertune
