// SPDX-License-Identifier: Apache-2.0
// bertune bench ops: each op as a training step calls it, and the rate it reaches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/report.h"

namespace bertune {

// The calls of an op from one place in the model. Values are medians over the steps.
struct OpRate {
  std::string op, place;
  int64_t calls = 0;              // per step of the two-layer model
  int64_t rows = 0;               // mean over the calls
  int64_t cols = 0, depth = 0;    // of every call; -1 if they differ
  double seconds = 0.0;           // per call
  double flops_per_second = 0.0;  // 0: not a matrix product
  double bytes_per_second = 0.0;  // of the bytes that must at least be read and written
  double ceiling_share = 0.0;     // for products and attention; 0: not comparable
};

struct OpsBench {
  Machine machine;
  std::string model, data;
  Ceiling ceiling;
  std::vector<OpRate> ops;  // in order of their first call
};

OpsBench bench_ops(const BenchOpsOptions& options);

}  // namespace bertune
