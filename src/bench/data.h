// SPDX-License-Identifier: Apache-2.0
// What a benchmark of training trains on: the windows of any task, made up or real, and the head
// and labels that belong to them.
#pragma once

#include "bench/options.h"
#include "bench/work.h"
#include "model/config.h"
#include "model/params.h"

namespace bertune {

struct BenchData {
  BenchWindows windows;  // with targets
  BertConfig config;     // with the labels of the data
  HeadKind head;
};

// Throws Error{kUsage} for a task that is not known and for options that do not fit each other or
// the model; {kInput, kSystem} for --data that cannot be read.
BenchData bench_data(const BenchTrainOptions& options, const BertConfig& config);

}  // namespace bertune
