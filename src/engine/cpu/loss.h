// SPDX-License-Identifier: Apache-2.0
// Losses and the gradients of their logits, computed in one pass. Relies on the exponential of
// vectors-inl.h.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void run(const CrossEntropy&, Workspace&);
void run(const SquaredError&, Workspace&);
void run(const BinaryCrossEntropy&, Workspace&);

}  // namespace bertune::cpu
