// SPDX-License-Identifier: Apache-2.0
// Ops of an optimizer step on whole buffers: AdamW in one pass over memory, the gradient's squared
// norm, and zeroing. Parallel over fixed blocks of elements.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void adamw(const AdamW&, Workspace&);
void squared_norm(const Tensor& x, const Tensor& out, Workspace&);
void zero(const Tensor& out);
void zero_bytes(void* data, size_t bytes);

}  // namespace bertune::cpu
