// SPDX-License-Identifier: Apache-2.0
// Ops of an optimizer step on whole buffers: AdamW in one pass over memory, the gradient's squared
// norm, zeroing and copying. Parallel over fixed blocks of elements.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void run(const AdamW&, Workspace&);
void run(const SquaredNorm&, Workspace&);
void run(const Zero&, Workspace&);
void copy_bytes(const void* from, void* to, size_t bytes);

}  // namespace bertune::cpu
