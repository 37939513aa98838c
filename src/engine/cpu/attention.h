// SPDX-License-Identifier: Apache-2.0
// Self-attention of packed windows. A task is one head of one window: it copies its queries, keys
// and values into the core's cache and processes the queries block by block, so that no score
// matrix ever reaches memory. Formulas: docs/math.md.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

// With `multiplies_bf16`, products of bf16 activations are computed in bf16, which requires
// has_dot_bf16(). Otherwise, and with fp32 activations, they are computed in fp32.
void attention(const Attention&, Workspace&, bool multiplies_bf16);
void attention_backward(const AttentionBackward&, Workspace&, bool multiplies_bf16);

}  // namespace bertune::cpu
