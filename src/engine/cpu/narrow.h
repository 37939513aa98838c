// SPDX-License-Identifier: Apache-2.0
// Linear maps to a few outputs, such as the two of the question answering head. Their cost is
// reading the rows once, which a general product does not exploit.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

inline constexpr int64_t kNarrow = 8;  // maximum number of outputs

void narrow_linear(const Linear&);  // without activation
void narrow_linear_backward(const LinearBackward&, Workspace&);

}  // namespace bertune::cpu
