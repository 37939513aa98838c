// SPDX-License-Identifier: Apache-2.0
// A fixture for tests of what all engines promise: one engine of each kind with its harness.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "engine/cpu/cpu_engine.h"
#include "engine/reference_engine.h"
#include "unit/engine/harness.h"

namespace bertune {

struct EngineCase {
  std::string name;
  std::unique_ptr<Engine> (*make)();
};
inline void PrintTo(const EngineCase& engine, std::ostream* out) { *out << engine.name; }

inline std::vector<EngineCase> engine_cases() {
  return {{"reference_fp64", make_reference_engine<double>},
          {"reference_fp32", make_reference_engine<float>},
          {"cpu_fp32", [] { return make_cpu_engine(Precision::kFp32); }},
          {"cpu_bf16", [] { return make_cpu_engine(Precision::kBf16); }}};
}

class EveryEngine : public testing::TestWithParam<EngineCase> {
 protected:
  const std::unique_ptr<Engine> engine = GetParam().make();
  Harness harness{*engine, engine->dtypes()};
  const DTypes dtypes = engine->dtypes();

  std::vector<double> read(Tensor x) { return harness.read(x).values; }
  Tensor activation(int64_t rows, int64_t cols) {
    return harness.activation(harness.random(rows, cols));
  }
  Tensor parameter(int64_t rows, int64_t cols) {
    return harness.parameter(harness.random(rows, cols));
  }
};

}  // namespace bertune
