// SPDX-License-Identifier: Apache-2.0
// oneDNN's products by both implementations of bf16, whichever this machine would choose, on
// operands with padding between rows or in another format.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/cpu/cpu_engine.h"
#include "engine/cpu/matmul.h"
#include "unit/engine/harness.h"

namespace bertune {
namespace {

struct Formats {
  DType multiplied, operands, result;

  std::string name() const {
    const auto word = [](DType dtype) { return dtype == DType::kBF16 ? "bf16" : "fp32"; };
    return std::string(word(operands)) + "_by_" + word(multiplied) + "_to_" + word(result);
  }
};
void PrintTo(const Formats& formats, std::ostream* out) { *out << formats.name(); }

// oneDNN multiplies bf16 from AVX-512 on, where it is not native by emulation.
bool can_multiply_bf16() {
  const std::string isa = cpu::instruction_set();
  return isa != "AVX2" && isa != "SSE4.1";
}

// The operands of one linear op, on the engine under test or on the reference.
struct Operands {
  Tensor x, weight, bias, d_out;  // d_out has the format of results
  Tensor out, d_x, d_weight;
};

class MatMulFormats : public testing::TestWithParam<Formats> {
 protected:
  static constexpr int64_t kIn = 40, kOut = 24;

  void SetUp() override {
    if (GetParam().multiplied == DType::kBF16 && !can_multiply_bf16()) {
      GTEST_SKIP() << "oneDNN does not multiply bf16 on this processor";
    }
  }

  // The same values in the formats of the engine of `h`, as parts of wider matrices.
  Operands operands(Harness& h, int64_t rows, bool exact) {
    const DType operand = exact ? DType::kF64 : GetParam().operands;
    const DType result = exact ? DType::kF64 : GetParam().result;
    const DType sums = exact ? DType::kF64 : DType::kF32;
    return {.x = part(h, rows, kIn, operand),
            .weight = part(h, kOut, kIn, operand),
            .bias = part(h, 1, kOut, sums),
            .d_out = part(h, rows, kOut, result),
            .out = h.assigned(result, rows, kOut),
            .d_x = h.assigned(result, rows, kIn),
            .d_weight = part(h, kOut, kIn, sums)};
  }

  // The values are rounded to bf16 for every format, so that converting an operand is exact.
  static Tensor part(Harness& h, int64_t rows, int64_t cols, DType dtype) {
    const HostMatrix values = h.random(rows, cols + 3);
    const Tensor whole = h.assigned(dtype, rows, cols + 3);
    std::vector<double> narrow;
    for (const double value : values.values) narrow.push_back(rounded(value, DType::kBF16));
    h.engine().upload(encode(narrow, dtype).data(), whole);
    return whole.slice_cols(2, cols);
  }

  void expect_equal(int64_t rows) {
    const std::unique_ptr<Engine> reference = make_reference_engine<double>();
    Harness exact(*reference, {DType::kBF16, DType::kF32});
    const Operands e = operands(exact, rows, true);
    reference->linear({.x = e.x, .weight = e.weight, .bias = e.bias, .pre = {}, .out = e.out});
    reference->linear_backward({.x = e.x,
                                .weight = e.weight,
                                .pre = {},
                                .d_out = e.d_out,
                                .d_x = e.d_x,
                                .d_weight = e.d_weight,
                                .d_bias = exact.assigned(DType::kF64, 1, kOut)});

    Harness harness(*engine, {DType::kBF16, DType::kF32});
    const Operands o = operands(harness, rows, false);
    matmul.forward(o.x, o.weight, o.bias, o.out);
    matmul.backward_x(o.d_out, o.weight, o.d_x);
    matmul.backward_weight(o.d_out, o.x, o.d_weight);
    expect_close(exact.output("out", e.out, kIn), harness.output("out", o.out, kIn));
    expect_close(exact.output("d_x", e.d_x, kOut), harness.output("d_x", o.d_x, kOut));
    expect_close(exact.output("d_weight", e.d_weight, rows),
                 harness.output("d_weight", o.d_weight, rows));
  }

  const std::unique_ptr<Engine> engine = make_cpu_engine(Precision::kFp32);
  cpu::MatMul matmul{GetParam().multiplied};
};

// Other row counts and the same ones again, because a kernel built for one count must not serve
// another.
TEST_P(MatMulFormats, AreAsReference) {
  for (const int64_t rows : {1, 7, 130, 7, 1}) expect_equal(rows);
}

INSTANTIATE_TEST_SUITE_P(All, MatMulFormats,
                         testing::Values(Formats{DType::kF32, DType::kF32, DType::kF32},
                                         Formats{DType::kF32, DType::kBF16, DType::kBF16},
                                         Formats{DType::kF32, DType::kBF16, DType::kF32},
                                         Formats{DType::kBF16, DType::kBF16, DType::kBF16},
                                         Formats{DType::kBF16, DType::kBF16, DType::kF32}),
                         [](const auto& test) { return test.param.name(); });

TEST(MatMul, ForgetsOldShapesAndGoesOn) {
  if (!can_multiply_bf16()) GTEST_SKIP();
  const std::unique_ptr<Engine> engine = make_cpu_engine(Precision::kFp32);
  Harness h(*engine, engine->dtypes());
  cpu::MatMul matmul(DType::kBF16);
  const Tensor x = h.assigned(DType::kBF16, 600, 1), weight = h.assigned(DType::kBF16, 1, 1);
  const Tensor bias = h.parameter({1, 1, {0.5}}), out = h.assigned(DType::kF32, 600, 1);
  engine->zero(x);
  engine->zero(weight);
  for (int64_t rows = 1; rows <= 600; ++rows) {
    matmul.forward(x.slice_rows(0, rows), weight, bias, out.slice_rows(0, rows));
    ASSERT_EQ(h.read(out.slice_rows(rows - 1, 1)).values[0], 0.5);
  }
}

}  // namespace
}  // namespace bertune
