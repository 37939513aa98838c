// SPDX-License-Identifier: Apache-2.0
// The ops that make one pass over memory, row by row: embedding, residual with LayerNorm, dropout,
// gather and scatter, cast. Vector kernels in fp32 arithmetic on fp32 or bf16 rows, parallel over
// fixed blocks.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void run(const Embed&, Workspace&);
void run(const EmbedBackward&, Workspace&);
void run(const AddNorm&, Workspace&);
void run(const AddNormBackward&, Workspace&);
void run(const DropoutRows&, Workspace&);
void run(const GatherRows&, Workspace&);
void run(const ScatterAddRows&, Workspace&);
void run(const Cast&, Workspace&);
void cast(const Tensor& x, const Tensor& out);

// out += the sum of the rows of `partial`, added in their order.
void add_rows(Matrix<const float> partial, float* out);

}  // namespace bertune::cpu
