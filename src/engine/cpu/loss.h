// SPDX-License-Identifier: Apache-2.0
// Losses with the gradient of their logits, in one pass.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void cross_entropy(const CrossEntropy&, Workspace&);
void squared_error(const SquaredError&);

}  // namespace bertune::cpu
