// SPDX-License-Identifier: Apache-2.0
// Losses and the gradients of their logits, computed in one pass. Relies on the exponential of
// vectors-inl.h.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void cross_entropy(const CrossEntropy&, Workspace&);
void squared_error(const SquaredError&, Workspace&);

}  // namespace bertune::cpu
