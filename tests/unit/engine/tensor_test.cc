// SPDX-License-Identifier: Apache-2.0
// Views are host arithmetic, which the compiler can do: shapes of parts, and parts of a view
// without memory. Parts of memory begin where the elements do.
#include "engine/tensor.h"

#include <gtest/gtest.h>

#include <cstdint>

namespace bertune {
namespace {

constexpr Tensor kPlanned{nullptr, DType::kF32, 8, 6, 6};

static_assert(kPlanned.size() == 48 && kPlanned.is_dense() && !kPlanned);
static_assert(kPlanned.slice_rows(2, 3).rows == 3 && kPlanned.slice_rows(2, 3).cols == 6);
static_assert(kPlanned.slice_rows(8, 0).size() == 0);
static_assert(kPlanned.slice_cols(4, 2).cols == 2 && kPlanned.slice_cols(4, 2).stride == 6);
static_assert(!kPlanned.slice_cols(4, 2).is_dense());
static_assert(kPlanned.slice_cols(4, 2).slice_rows(3, 1).is_dense());
static_assert(kPlanned.reshape(4, 12).rows == 4 && kPlanned.reshape(4, 12).stride == 12);
static_assert(Tensor{}.size() == 0 && Tensor{}.reshape(0, 5).cols == 5);

// A part of a view without memory has none either.
static_assert(!kPlanned.slice_rows(2, 3) && !kPlanned.slice_cols(4, 2));
static_assert(!kPlanned.as<float>() && kPlanned.as<float>().stride == 6);

constexpr float kValues[] = {0, 1, 2, 3, 4, 5};
constexpr Matrix<const float> kMatrix{kValues, 2, 3, 3};
static_assert(kMatrix(1, 2) == 5 && kMatrix.row(1)[0] == 3 && kMatrix);

TEST(Tensor, PartsBeginWhereTheirElementsDo) {
  int32_t values[12] = {};
  const Tensor x{values, DType::kI32, 3, 4, 4};
  EXPECT_EQ(x.slice_rows(2, 1).data, values + 8);
  EXPECT_EQ(x.slice_cols(3, 1).data, values + 3);
  EXPECT_EQ(x.slice_rows(1, 2).slice_cols(1, 2).as<int32_t>().row(1), values + 9);
}

TEST(Tensor, APartThatIsNotThereIsRefused) {
  EXPECT_THROW(kPlanned.slice_rows(6, 3), Error);
  EXPECT_THROW(kPlanned.slice_cols(-1, 2), Error);
  EXPECT_THROW(kPlanned.reshape(5, 10), Error);
  EXPECT_THROW(kPlanned.slice_cols(0, 2).reshape(4, 4), Error);
  int32_t value = 0;
  EXPECT_THROW((Tensor{&value, DType::kI32, 1, 1, 1}.as<float>()), Error);
}

}  // namespace
}  // namespace bertune
