// SPDX-License-Identifier: Apache-2.0
// bertune bench infer: windows per second in packed passes, and the latency of single windows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/options.h"
#include "bench/report.h"

namespace bertune {

struct Latency {
  int32_t tokens = 0;
  int64_t runs = 0;
  double median_seconds = 0.0, p99_seconds = 0.0;
};

struct InferBench {
  Machine machine;
  std::string model, data;
  int64_t windows = 0;                                                               // per round
  double windows_per_second = 0.0, tokens_per_second = 0.0, flops_per_second = 0.0;  // medians
  Ceiling ceiling;
  std::vector<Latency> latency;  // from token ids to logits

  double ceiling_share() const { return flops_per_second / ceiling.forward; }
};

InferBench bench_infer(const BenchInferOptions& options);

}  // namespace bertune
