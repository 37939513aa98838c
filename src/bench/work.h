// SPDX-License-Identifier: Apache-2.0
// The model and the windows of a benchmark: sizes by name with random weights, or a folder; real
// questions, or made-up windows of the same lengths.
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
  WindowSet set;
};

// Windows of questions, made up with two targets each, or those of the SQuAD evaluation data that
// --data names. Throws Error{kUsage} when the options do not fit each other or the model.
BenchWindows bench_windows(const BenchWorkOptions& options, const BertConfig& config);

// Made-up windows of a question and a context with these numbers of tokens (5 at least), and random
// targets.
WindowSet make_windows_of_lengths(const std::vector<int32_t>& lengths, const BertConfig& config);

// Made-up windows of one text with these numbers of tokens (3 at least), without targets.
WindowSet make_text_windows(const std::vector<int32_t>& lengths, const BertConfig& config);

// 1,536 lengths, enough for an epoch of a benchmark: these ones again and again, none above the
// model's positions.
std::vector<int32_t> repeat_lengths(std::span<const int> lengths, const BertConfig& config);

// The tokenizer for --data. Throws Error{kUsage} where no option names one.
Tokenizer bench_tokenizer(const BenchWorkOptions& options, const BertConfig& config);

// What a task asks for, or what the model's positions leave of it.
WindowLimits fitting_limits(int64_t max_seq_length, int64_t doc_stride, const BertConfig& config);

// Throws Error{kUsage} for --data beside --length, and for a length that does not fit the model.
void check_lengths(const BenchWorkOptions& options, const BertConfig& config);

}  // namespace bertune
