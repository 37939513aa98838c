// SPDX-License-Identifier: Apache-2.0
// bertune bench ops: each op as a step of training calls it, with the rate that it reaches.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/report.h"

namespace bertune {

// The calls of an op from one place of the model; medians over the steps.
struct OpRate {
  std::string op, place;
  int64_t calls = 0;              // in one step, which has two layers
  int64_t rows = 0;               // mean of the calls
  int64_t cols = 0, depth = 0;    // of every call; -1: they differ
  double seconds = 0.0;           // of one call
  double flops_per_second = 0.0;  // 0: no product
  double bytes_per_second = 0.0;  // of what has to be read and written at least
  double ceiling_share = 0.0;     // of products and attention; 0: not to be compared
};

struct OpsBench {
  Machine machine;
  std::string model, data;
  Ceiling ceiling;
  std::vector<OpRate> ops;  // in the order of their first call
};

OpsBench bench_ops(const BenchOpsOptions& options);

}  // namespace bertune
