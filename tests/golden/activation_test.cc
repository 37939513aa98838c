// SPDX-License-Identifier: Apache-2.0
// Every activation that a config.json may name, and its derivative, compared with transformers and
// PyTorch in every engine. The values come from tools/make_activation_goldens.py.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "base/io.h"
#include "base/json_file.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/reference_engine.h"
#include "formats/huggingface/config.h"
#include "tolerance.h"
#include "unit/engine/harness.h"

namespace bertune {
namespace {

using nlohmann::json;

struct ActivationEngine {
  std::string name;
  std::function<std::unique_ptr<Engine>()> make;
};
void PrintTo(const ActivationEngine& engine, std::ostream* out) { *out << engine.name; }

const std::vector<ActivationEngine>& activation_engines() {
  static const std::vector<ActivationEngine> engines = {
      {"ReferenceDouble", [] { return make_reference_engine<double>(); }},
      {"ReferenceFloat", [] { return make_reference_engine<float>(); }},
      {"CpuFp32", [] { return make_cpu_engine(Precision::kFp32); }},
      {"CpuBf16", [] { return make_cpu_engine(Precision::kBf16); }},
  };
  return engines;
}

json activation_goldens() {
  return json::parse(read_file(std::string(BERTUNE_TEST_DATA) + "/golden/activations.json"));
}

// The activation of a config.json that has this name.
Activation activation_named(const std::string& name) {
  return parse_config(JsonFile("config.json", json{{"hidden_act", name}})).hidden_act;
}

// Linear maps with the identity as weight, so that `pre` is x: the numbers stand in the first of
// kWidth columns.
class ActivationGolden : public testing::TestWithParam<ActivationEngine> {
 protected:
  static constexpr int64_t kWidth = 16;

  HostMatrix column(const std::vector<double>& values) const {
    HostMatrix matrix{std::ssize(values), kWidth, std::vector<double>(values.size() * kWidth)};
    for (size_t i = 0; i < values.size(); ++i) matrix.values[i * kWidth] = values[i];
    return matrix;
  }
  HostMatrix identity() const {
    HostMatrix matrix{kWidth, kWidth, std::vector<double>(kWidth * kWidth)};
    for (int64_t i = 0; i < kWidth; ++i) matrix.values[i * (kWidth + 1)] = 1.0;
    return matrix;
  }
  HostMatrix zeros(int64_t rows) const {
    return {rows, kWidth, std::vector<double>(static_cast<size_t>(rows * kWidth))};
  }

  // The weight as `pack` writes it for the forward product; empty if the engine packs none.
  Tensor packed() {
    const int64_t size = engine_->packed_sizes(kWidth, kWidth, Purpose::kInference).forward;
    if (size == 0) return {};
    const Tensor bytes = harness_.assigned(DType::kBytes, 1, size);
    engine_->pack({harness_.parameter(identity()), bytes, {}});
    return bytes;
  }

  HostMatrix values_of(Activation activation, const Tensor& x, const Tensor& packed) {
    const Tensor out = harness_.assigned_activation(x.rows, kWidth);
    engine_->linear({.x = x,
                     .weight = packed ? Tensor{} : harness_.activation(identity()),
                     .packed = packed,
                     .bias = harness_.parameter(zeros(1)),
                     .activation = activation,
                     .pre = {},
                     .out = out});
    return harness_.read(out);
  }

  HostMatrix derivatives_of(Activation activation, const Tensor& pre) {
    const HostMatrix ones = column(std::vector<double>(static_cast<size_t>(pre.rows), 1.0));
    const Tensor d_pre = harness_.activation(ones);
    engine_->linear_backward({.x = pre,
                              .weight = harness_.activation(identity()),
                              .packed = {},
                              .activation = activation,
                              .pre = pre,
                              .d_out = d_pre,
                              .d_x = {},
                              .d_weight = harness_.parameter(zeros(kWidth)),
                              .d_bias = harness_.parameter(zeros(1))});
    return harness_.read(d_pre);
  }

  // A function has a few operations, each of which rounds a value of about 1. A derivative
  // multiplies the rounding error of a sigmoid by up to kSteepest, the largest x u' of its argument
  // u for which the sigmoid is not yet 1 in fp32: tanh GELU's at 5.5.
  static constexpr double kSteepest = 44.0;

  void expect_near(const HostMatrix& actual, const std::vector<double>& expected,
                   const std::vector<double>& x, double steepest = 0.0) {
    constexpr int64_t kOperations = 16;
    constexpr double kTenDigits = 1e-9;  // transformers' gelu_fast gives sqrt(2 / pi) as many
    const double inner = tolerance(engine_->dtypes().parameter, 1, steepest) + kTenDigits;
    for (size_t i = 0; i < expected.size(); ++i) {
      const double size = std::max(1.0, std::abs(expected[i]));
      EXPECT_NEAR(actual.values[i * kWidth], expected[i],
                  tolerance(engine_->dtypes().activation, kOperations, size) + inner)
          << "x = " << x[i];
    }
  }

  std::unique_ptr<Engine> engine_ = GetParam().make();
  Harness harness_{*engine_, engine_->dtypes()};
};

TEST_P(ActivationGolden, ValuesAndDerivativesAreThoseOfPyTorch) {
  const json golden = activation_goldens();
  const auto numbers = golden["x"].get<std::vector<double>>();
  const Tensor x = harness_.activation(column(numbers)), packed_weight = packed();
  for (const auto& [name, function] : golden["functions"].items()) {
    SCOPED_TRACE(name);
    const Activation activation = activation_named(name);
    const auto values = function["value"].get<std::vector<double>>();
    expect_near(values_of(activation, x, {}), values, numbers);
    if (packed_weight) expect_near(values_of(activation, x, packed_weight), values, numbers);
    expect_near(derivatives_of(activation, x), function["derivative"].get<std::vector<double>>(),
                numbers, kSteepest);
  }
}

INSTANTIATE_TEST_SUITE_P(Engines, ActivationGolden, testing::ValuesIn(activation_engines()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace bertune
