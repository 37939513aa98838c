// SPDX-License-Identifier: Apache-2.0
// What is known about an op before it runs: its name, its preconditions, and its unavoidable cost
// (the FLOP of its products, or the bytes that it must read and write at least once). The rates of
// traces and benchmarks are based on these costs.
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

const char* name_of(const AnyOp& op);  // a string literal
OpCost cost_of(const AnyOp& op);

// Matching shapes and supported element types. A call that violates them is a bug of ours and
// throws Error{kInternal}.
void check_contract(const AnyOp& op, DTypes types);

}  // namespace bertune
