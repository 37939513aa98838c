// SPDX-License-Identifier: Apache-2.0
// The CPU engine against the reference in double, op by op, in both precisions and with every
// instruction set of this machine. Also its own laws: only oneDNN's products may depend on the
// number of threads, and denormals count as zero in all of them.
#include "engine/cpu/cpu_engine.h"

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <limits>
#include <memory>
#include <ostream>
#include <string>
#include <tuple>
#include <vector>

#include "base/parallel.h"
#include "unit/engine/ops.h"

namespace bertune {

// Outside the unnamed namespace, because GoogleTest finds it by argument-dependent lookup.
inline void PrintTo(Precision precision, std::ostream* out) {
  *out << (precision == Precision::kBf16 ? "bf16" : "fp32");
}

namespace {

// The cases of ops.h and those that exercise blocked kernels: more than one block of rows, queries
// or elements, and head widths that no vector divides.
std::vector<OpCase> cpu_cases() {
  std::vector<OpCase> cases = op_cases();
  const std::vector<AttentionShape> attention{{{100, 200}, 96, 4, true},
                                              {{512}, 64, 1, true},
                                              {{37, 2, 70}, 60, 5, false},
                                              {{96, 97}, 160, 2, true}};
  add_cases(cases, "attention", run_attention, attention);
  add_cases(cases, "attention_backward", run_attention_backward, attention);
  const std::vector<LinearShape> linear{{200, 64, 384, Activation::kGelu},
                                        {193, 96, 200, Activation::kGeluTanh},
                                        {300, 100, 3},
                                        {70, 33, 5, Activation::kGelu},
                                        {260, 80, 9, Activation::kNone, true, true},
                                        {90, 48, 8, Activation::kNone, false}};
  add_cases(cases, "linear", run_linear, linear);
  for (LinearShape shape : linear) {
    shape.training = true;
    cases.push_back({"linear_backward_" + shape.name() + "_blocks",
                     [=](Harness& h) { return run_linear_backward(h, shape); }});
  }
  add_cases(cases, "adamw", run_adamw, std::vector<AdamWShape>{{{70001, 40000}, 2}});
  cases.push_back({"cast_700x131", [](Harness& h) { return run_cast(h, 700, 131); }});
  return cases;
}

std::string precision_name(Precision precision) { return testing::PrintToString(precision); }

using CpuCase = std::tuple<Precision, OpCase>;

class CpuOp : public testing::TestWithParam<CpuCase> {
 protected:
  const OpCase& op() const { return std::get<1>(GetParam()); }
  const Precision precision = std::get<0>(GetParam());
  const std::unique_ptr<Engine> engine = make_cpu_engine(precision);

  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

TEST_P(CpuOp, IsAsReference) { expect_as_reference(op(), *engine); }

// Attention's own bf16 products have only one instruction set, which the test above covers where it
// is available.
TEST_P(CpuOp, IsAsReferenceWithEveryInstructionSet) {
  const std::unique_ptr<Engine> plain = make_cpu_engine(precision, AttentionProducts::kFp32);
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    expect_as_reference(op(), *plain);
  }
}

// oneDNN may split the depth of a product among threads, which changes the order of the additions.
bool is_by_onednn(const OpCase& op, const Output& output) {
  return op.name.starts_with("linear") && output.name != "d_bias";
}

TEST_P(CpuOp, DoesNotDependOnTheNumberOfThreads) {
  const auto run = [&](int threads) {
    const WithThreads with(threads);
    Harness harness(*engine, engine->dtypes());
    return op().run(harness);
  };
  const Outputs alone = run(1);
  for (const int threads : {2, 3}) {
    const Outputs together = run(threads);
    for (size_t i = 0; i < alone.size(); ++i) {
      if (is_by_onednn(op(), alone[i])) continue;
      EXPECT_EQ(alone[i].values, together[i].values) << alone[i].name << ", threads " << threads;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, CpuOp,
                         testing::Combine(testing::Values(Precision::kFp32, Precision::kBf16),
                                          testing::ValuesIn(cpu_cases())),
                         [](const auto& test) {
                           return precision_name(std::get<0>(test.param)) + "_" +
                                  std::get<1>(test.param).name;
                         });

TEST(CpuEngine, PrecisionIsWhatWasAskedForAndAutoSaysWhy) {
  EXPECT_EQ(make_cpu_engine(Precision::kFp32)->dtypes().activation, DType::kF32);
  EXPECT_EQ(make_cpu_engine(Precision::kBf16)->dtypes().activation, DType::kBF16);
  const PrecisionChoice choice = choose_precision(Precision::kAuto);
  EXPECT_NE(choice.precision, Precision::kAuto);
  EXPECT_NE(choice.reason.find(precision_name(choice.precision)), std::string::npos);
  const std::string description = make_cpu_engine(Precision::kAuto)->description();
  EXPECT_NE(description.find(precision_name(choice.precision)), std::string::npos) << description;
}

TEST(CpuEngine, MemoryIsZeroedAndAligned) {
  const std::unique_ptr<Engine> engine = make_cpu_engine(Precision::kFp32);
  const std::unique_ptr<Buffer> buffer = engine->allocate(1000003);
  EXPECT_EQ(buffer->bytes(), 1000003u);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % 64, 0u);
  const auto* bytes = static_cast<const char*>(buffer->data());
  EXPECT_TRUE(std::all_of(bytes, bytes + buffer->bytes(), [](char c) { return c == 0; }));
}

TEST(CpuEngine, ZeroLeavesWhatIsBesideTheTensor) {
  const std::unique_ptr<Engine> engine = make_cpu_engine(Precision::kFp32);
  Harness harness(*engine, engine->dtypes());
  const Tensor all = harness.parameter({3, 4, std::vector<double>(12, 1.0)});
  engine->zero(all.slice_cols(1, 2));
  EXPECT_EQ(harness.read(all).values, (std::vector<double>{1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1}));
}

TEST(CpuEngine, DenormalsAreZeroInEveryThread) {
  const std::unique_ptr<Engine> engine = make_cpu_engine(Precision::kFp32);
  Harness harness(*engine, engine->dtypes());
  const int64_t size = 1 << 20;  // many blocks, so that every thread gets some
  const double denormal = std::numeric_limits<float>::denorm_min() * 1000.0;
  const Tensor x = harness.parameter({1, size, std::vector<double>(size, denormal)});
  const Tensor out = harness.assigned(DType::kF64, 1, 1);
  engine->squared_norm(x, out);
  EXPECT_EQ(harness.read(out).values[0], 0.0);
}

// A gradient that is NaN must reach the loss or the norm, where it stops the run.
TEST(CpuEngine, NotANumberIsNotLost) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    const std::unique_ptr<Engine> engine = make_cpu_engine(precision);
    Harness harness(*engine, engine->dtypes());
    const double nan = std::numeric_limits<double>::quiet_NaN();
    HostMatrix qkv = harness.random(5, 48);
    qkv.values[3] = nan;  // in the first query
    const Attention a{.qkv = harness.activation(qkv),
                      .packing = harness.packing({5}),
                      .dropout = {},
                      .log_sum_exp = harness.wide_parameter(1, 5),
                      .out = harness.assigned_activation(5, 16)};
    engine->attention(a);
    EXPECT_TRUE(std::isnan(harness.read(a.out).values[0]));
    EXPECT_FALSE(std::isnan(harness.read(a.out).values[16]));

    const Linear l{.x = harness.activation({1, 16, std::vector<double>(16, nan)}),
                   .weight = harness.activation(harness.random(16, 16)),
                   .bias = harness.parameter(harness.random(1, 16)),
                   .activation = Activation::kGelu,
                   .pre = {},
                   .out = harness.assigned_activation(1, 16)};
    engine->linear(l);
    EXPECT_TRUE(std::isnan(harness.read(l.out).values[15]));
  }
}

}  // namespace
}  // namespace bertune
