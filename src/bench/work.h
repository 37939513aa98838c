// SPDX-License-Identifier: Apache-2.0
// The model and the windows of a benchmark: a named size with random weights, or a model folder;
// real questions, or synthetic windows of the same lengths.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/window.h"
#include "bench/options.h"
#include "bertune/tokenizer.h"
#include "model/config.h"
#include "model/params.h"

namespace bertune {

struct BenchModel {
  std::string name;  // the shape or the folder
  BertConfig config;
};

// Throws Error{kUsage} for an unknown shape (with the nearest name and all names), or if both a
// folder and a shape are given.
BenchModel find_bench_model(const BenchWorkOptions& options);

// The folder's weights, with a random head if it has none; random weights for a shape.
std::vector<float> bench_weights(const BenchWorkOptions& options, const BertConfig& config,
                                 const ParameterList& list, uint64_t seed);

struct BenchWindows {
  std::string source;  // description of the data
  WindowSet set;
};

// Synthetic windows of questions with two targets each, or those of the SQuAD evaluation data that
// --data names. Throws Error{kUsage} if the options do not fit each other or the model.
BenchWindows bench_windows(const BenchWorkOptions& options, const BertConfig& config);

// Synthetic windows of a question and a context with the given numbers of tokens (at least 5), and
// random targets.
WindowSet make_windows_of_lengths(const std::vector<int32_t>& lengths, const BertConfig& config);

// Synthetic windows of one text with the given numbers of tokens (at least 3), without targets.
WindowSet make_text_windows(const std::vector<int32_t>& lengths, const BertConfig& config);

// Repeats `lengths` up to 1,536 entries, enough for an epoch of a benchmark. Caps them at the
// model's positions.
std::vector<int32_t> repeat_lengths(std::span<const int> lengths, const BertConfig& config);

// The tokenizer for --data. Throws Error{kUsage} if no option names one.
Tokenizer bench_tokenizer(const BenchWorkOptions& options, const BertConfig& config);

// The limits that a task requests, capped by the model's positions.
WindowLimits fitting_limits(int64_t max_seq_length, int64_t doc_stride, const BertConfig& config);

// Throws Error{kUsage} if --data and --length are both given, or if a length does not fit the
// model.
void check_lengths(const BenchWorkOptions& options, const BertConfig& config);

}  // namespace bertune
