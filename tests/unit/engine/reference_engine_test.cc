// SPDX-License-Identifier: Apache-2.0
// The reference in float against the reference in double. This shows that the tolerances hold for
// plain code and that the cases used for other engines are sound. Also quantised rows, which only
// the reference computes.
#include "engine/reference_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "unit/engine/ops.h"

namespace bertune {
namespace {

class ReferenceOp : public testing::TestWithParam<OpCase> {};

TEST_P(ReferenceOp, FloatIsCloseToDouble) {
  expect_as_reference(GetParam(), *make_reference_engine<float>());
}

// Memory for quantised rows, with a pattern that no op writes.
Int8Rows assigned_int8(Harness& h, int64_t rows, int64_t width) {
  const Tensor bytes = h.assigned(DType::kBytes, rows, width);
  return {.values = {bytes.data, DType::kI8, rows, width, width},
          .scales = h.assigned(DType::kF32, 1, rows)};
}

// The numbers that the rows stand for.
HostMatrix dequantized(const Int8Rows& x) {
  HostMatrix host{x.values.rows, x.values.cols, {}};
  for (int64_t r = 0; r < host.rows; ++r) {
    for (int64_t c = 0; c < host.cols; ++c) {
      host.values.push_back(static_cast<double>(x.scales.as<float>()(0, r)) *
                            static_cast<double>(x.values.as<int8_t>()(r, c)));
    }
  }
  return host;
}

class QuantizedRows : public testing::Test {
 protected:
  static constexpr int64_t kRows = 4, kWidth = 24;

  // Every element is within half a step of its row's scale.
  void expect_quantized(const Tensor& exact, const Int8Rows& rows) {
    const HostMatrix values = harness.read(exact), steps = dequantized(rows);
    for (int64_t r = 0; r < values.rows; ++r) {
      double largest = 0.0;
      for (int64_t c = 0; c < values.cols; ++c)
        largest = std::max(largest, std::abs(values.values[r * values.cols + c]));
      const double scale = rows.scales.as<float>()(0, r);
      EXPECT_NEAR(scale, largest / 127.5, 1e-6 * largest);
      for (int64_t c = 0; c < values.cols; ++c) {
        const int64_t i = r * values.cols + c;
        EXPECT_NEAR(values.values[i], steps.values[i], scale * (0.5 + 1e-4)) << r << ", " << c;
      }
    }
  }

  AddNorm random_add_norm() {
    return {.x = harness.parameter(harness.random(kRows, kWidth)),
            .residual = {},
            .row_keys = {},
            .dropout = {},
            .gamma = harness.parameter(harness.random(1, kWidth)),
            .beta = harness.parameter(harness.random(1, kWidth)),
            .sum = harness.assigned_parameter(kRows, kWidth),
            .mean = {},
            .rstd = {},
            .out = harness.assigned_parameter(kRows, kWidth),
            .out_int8 = assigned_int8(harness, kRows, kWidth)};
  }

  const std::unique_ptr<Engine> engine = make_reference_engine<double>();
  Harness harness{*engine, engine->dtypes()};
};

TEST_F(QuantizedRows, AddNormWritesThemBesideItsOutput) {
  AddNorm n = random_add_norm();
  engine->add_norm(n);
  expect_quantized(n.out, n.out_int8);
  n.out_int8.scales = harness.assigned(DType::kF32, 1, kRows - 1);
  EXPECT_THROW(engine->add_norm(n), Error);
}

TEST_F(QuantizedRows, AttentionWritesThemBesideItsOutput) {
  const Attention a{.qkv = harness.parameter(harness.random(kRows, 3 * kWidth)),
                    .heads = 2,
                    .packing = harness.packing({3, 1}),
                    .dropout = {},
                    .log_sum_exp = harness.assigned_parameter(2, kRows),
                    .out = harness.assigned_parameter(kRows, kWidth),
                    .out_int8 = assigned_int8(harness, kRows, kWidth)};
  engine->attention(a);
  expect_quantized(a.out, a.out_int8);
}

TEST_F(QuantizedRows, LinearReadsThem) {
  AddNorm n = random_add_norm();
  engine->add_norm(n);
  Linear l{.x = {},
           .x_int8 = n.out_int8,
           .weight = harness.parameter(harness.random(8, kWidth)),
           .packed = {},
           .bias = harness.parameter(harness.random(1, 8)),
           .pre = {},
           .out = harness.assigned_parameter(kRows, 8)};
  engine->linear(l);
  const HostMatrix actual = harness.read(l.out);
  l.x = harness.parameter(dequantized(n.out_int8));
  l.x_int8 = {};
  engine->linear(l);
  EXPECT_EQ(harness.read(l.out).values, actual.values);
  l.x_int8 = n.out_int8;  // both
  EXPECT_THROW(engine->linear(l), Error);
}

TEST_F(QuantizedRows, ARowOfZerosHasAScale) {
  AddNorm n{.x = harness.parameter({1, 8, std::vector<double>(8, 0.0)}),
            .residual = {},
            .row_keys = {},
            .dropout = {},
            .gamma = harness.parameter(harness.random(1, 8)),
            .beta = harness.parameter({1, 8, std::vector<double>(8, 0.0)}),
            .sum = harness.assigned_parameter(1, 8),
            .mean = {},
            .rstd = {},
            .out = harness.assigned_parameter(1, 8),
            .out_int8 = assigned_int8(harness, 1, 8)};
  engine->add_norm(n);
  EXPECT_GT(n.out_int8.scales.as<float>()(0, 0), 0.0f);
  EXPECT_EQ(dequantized(n.out_int8).values, std::vector<double>(8, 0.0));
}

INSTANTIATE_TEST_SUITE_P(All, ReferenceOp, testing::ValuesIn(op_cases()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bertune
