// SPDX-License-Identifier: Apache-2.0
// The unavoidable cost of an op: the FLOP of its products, or the bytes that it must read and write
// at least once. The rates of traces and benchmarks are based on these.
#pragma once

#include <cstdint>

#include "engine/engine.h"

namespace bertune {

struct OpCost {
  int64_t rows = 0, cols = 0;  // of the result; for a backward op, of the result's gradient
  int64_t depth = 0;           // terms of each sum of a product; 0: not a product
  double flop = 0.0;           // of products only; 0: the op is counted in bytes
  double bytes = 0.0;
};

OpCost cost_of(const Embed&);
OpCost cost_of(const EmbedBackward&);
OpCost cost_of(const Pack&);
OpCost cost_of(const Linear&);
OpCost cost_of(const LinearBackward&);
// `squares`: the sum of the squared window lengths.
OpCost cost_of(const Attention&, double squares);
OpCost cost_of(const AttentionBackward&, double squares);
OpCost cost_of(const AddNorm&);
OpCost cost_of(const AddNormBackward&);
OpCost cost_of(const DropoutRows&);
OpCost cost_of(const GatherRows&);
OpCost cost_of(const ScatterAddRows&);
OpCost cost_of(const CrossEntropy&);
OpCost cost_of(const SquaredError&);
OpCost cost_of(const AdamW&);
OpCost cost_of_copy(const Tensor& x, const Tensor& out);  // either may be empty

}  // namespace bertune
