// The model and the windows of a benchmark: sizes by name with random weights, or a folder; real
// questions, or made-up windows of the same lengths. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "data/window.h"
#include "model/config.h"
#include "model/params.h"
#include "tasks/squad.h"

namespace bertune {

struct BenchModel {
  std::string name;  // of the shape, or the folder
  BertConfig config;
};

// Throws Error{kUsage} for a shape that is not known (naming the nearest and all), and for a folder
// and a shape at once.
BenchModel find_bench_model(const BenchWorkOptions& options);

// A folder's weights, with a random head where they lack one; random ones of a shape.
std::vector<float> bench_weights(const BenchWorkOptions& options, const BertConfig& config,
                                 const ParameterList& list, uint64_t seed);

struct BenchWindows {
  std::string source;  // where they come from, in words
  WindowSet set;       // with two targets a window
};

// Throws Error{kUsage} when the options do not fit each other or the model.
BenchWindows bench_windows(const BenchWorkOptions& options, const BertConfig& config,
                           SquadPurpose purpose);

// Made-up windows with these numbers of tokens (5 at least), and random targets.
WindowSet make_windows_of_lengths(const std::vector<int32_t>& lengths, const BertConfig& config);

}  // namespace bertune
