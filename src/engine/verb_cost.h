// SPDX-License-Identifier: Apache-2.0
// What a verb cannot do without: the FLOP of its products, or the bytes that it has to read and
// write at least once. Rates of traces and benchmarks are counted in these.
#pragma once

#include <cstdint>

#include "engine/engine.h"

namespace bertune {

struct VerbCost {
  int64_t rows = 0, cols = 0;  // of the result; of a backward, of the result's gradient
  int64_t depth = 0;           // terms of each sum of a product; 0: no product
  double flop = 0.0;           // of products only; 0: counted in bytes
  double bytes = 0.0;
};

VerbCost cost_of(const Embed&);
VerbCost cost_of(const EmbedBackward&);
VerbCost cost_of(const Pack&);
VerbCost cost_of(const Linear&);
VerbCost cost_of(const LinearBackward&);
// `squares`: the sum of the squared lengths of the windows.
VerbCost cost_of(const Attention&, double squares);
VerbCost cost_of(const AttentionBackward&, double squares);
VerbCost cost_of(const AddNorm&);
VerbCost cost_of(const AddNormBackward&);
VerbCost cost_of(const DropoutRows&);
VerbCost cost_of(const GatherRows&);
VerbCost cost_of(const ScatterAddRows&);
VerbCost cost_of(const CrossEntropy&);
VerbCost cost_of(const SquaredError&);
VerbCost cost_of(const AdamW&);
VerbCost cost_of_copy(const Tensor& x, const Tensor& out);  // either may be empty

}  // namespace bertune
