// SPDX-License-Identifier: Apache-2.0
// bertune bench train: whole training steps, with a profile by op.
#pragma once

#include <cstdint>
#include <string>

#include "bench/options.h"
#include "bench/report.h"
#include "engine/trace.h"

namespace bertune {

struct TrainBench {
  Machine machine;
  std::string model, data, task;
  int64_t steps = 0;
  int64_t batch_size = 0;
  double tokens_per_window = 0.0;  // mean over all data, so that few steps are representative
  double median_step_seconds = 0.0;
  double windows_per_second = 0.0;  // tokens_per_second / tokens_per_window
  double tokens_per_second = 0.0;   // median over the steps
  double flops_per_second = 0.0;    // median over the steps
  Ceiling ceiling;
  Profile profile;  // of some extra steps, because timing the ops takes time itself

  double ceiling_share() const { return flops_per_second / ceiling.training(); }
};

TrainBench bench_train(const BenchTrainOptions& options);

}  // namespace bertune
