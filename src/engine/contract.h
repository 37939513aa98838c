// SPDX-License-Identifier: Apache-2.0
// The preconditions of every op, checked before an engine runs it: matching shapes and supported
// element types. A call that violates them is a bug of ours and throws Error{kInternal}.
#pragma once

#include "engine/engine.h"

namespace bertune {

void check_contract(const Embed&, DTypes);
void check_contract(const EmbedBackward&, DTypes);
void check_contract(const Pack&, DTypes);
void check_contract(const Linear&, DTypes);
void check_contract(const LinearBackward&, DTypes);
void check_contract(const Attention&, DTypes);
void check_contract(const AttentionBackward&, DTypes);
void check_contract(const AddNorm&, DTypes);
void check_contract(const AddNormBackward&, DTypes);
void check_contract(const DropoutRows&, DTypes);
void check_contract(const GatherRows&, DTypes);
void check_contract(const ScatterAddRows&, DTypes);
void check_contract(const CrossEntropy&, DTypes);
void check_contract(const SquaredError&, DTypes);
void check_contract(const AdamW&, DTypes);

}  // namespace bertune
