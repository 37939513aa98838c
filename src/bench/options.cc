// SPDX-License-Identifier: Apache-2.0
#include "bench/options.h"

#include "api/check_options.h"
#include "base/require_option.h"

namespace bertune {

void check_options(const BenchTrainOptions& options) {
  const auto is_count = [](int64_t n) { return n >= 1 && n <= 1'000'000'000; };
  require_option(options.steps >= 1, "steps", options.steps, "at least 1");
  require_if_given(options.batch_size, is_count, "batch_size", "1 to 1000000000");
  require_option(options.dropout >= 0.0 && options.dropout < 1.0, "dropout", options.dropout,
                 "in [0, 1)");
  require_option(options.seed >= 0, "seed", options.seed, "at least 0");
  check_options(options.compute);
}

void check_options(const BenchInferOptions& options) {
  require_option(options.windows >= 0, "windows", options.windows, "at least 0 (0: all)");
  require_option(options.rounds >= 1, "rounds", options.rounds, "at least 1");
  check_options(options.compute);
}

void check_options(const BenchTokenizeOptions& options) {
  require_given(options.model, "model", "./bert-base-uncased");
  check_options(ComputeOptions{.threads = options.threads});
}

}  // namespace bertune
