// SPDX-License-Identifier: Apache-2.0
// bertune bench tokenize: megabytes of text per second, to ids and offsets.
#pragma once

#include <cstdint>
#include <string>

#include "bench/options.h"
#include "bench/report.h"

namespace bertune {

// Rates are medians of passes over all texts. A megabyte is 1,000,000 bytes.
struct TokenizeBench {
  Machine machine;
  std::string model, data;
  int64_t texts = 0, bytes = 0, tokens = 0;
  double megabytes_per_second = 0.0;              // one thread, offsets in bytes
  double code_points_megabytes_per_second = 0.0;  // one thread, offsets in code points
  double all_threads_megabytes_per_second = 0.0;
};

TokenizeBench bench_tokenize(const BenchTokenizeOptions& options);

}  // namespace bertune
