// SPDX-License-Identifier: Apache-2.0
// Linear maps to few outputs, like the two of question answering's head: reading the rows once is
// all their cost, which a general product does not see.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

inline constexpr int64_t kNarrow = 8;  // outputs at most

void narrow_linear(const Linear&);  // without activation
void narrow_linear_backward(const LinearBackward&, Workspace&);

}  // namespace bertune::cpu
