// SPDX-License-Identifier: Apache-2.0
// What every engine may rely on once an op is called: shapes that fit and element types that the
// engine computes in. A call that breaks it is our own fault and throws Error{kInternal}.
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
