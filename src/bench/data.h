// SPDX-License-Identifier: Apache-2.0
// The data of a training benchmark: windows of any task, synthetic or real, with the head and
// labels that belong to them.
#pragma once

#include "bench/options.h"
#include "bench/work.h"
#include "model/config.h"
#include "model/params.h"

namespace bertune {

struct BenchData {
  BenchWindows windows;  // with targets
  BertConfig config;     // with the data's labels
  HeadKind head;
};

// Throws Error{kUsage} for an unknown task, or for options that do not fit each other or the model,
// and {kInput, kSystem} if --data cannot be read.
BenchData bench_data(const BenchTrainOptions& options, const BertConfig& config);

}  // namespace bertune
