// SPDX-License-Identifier: Apache-2.0
// The ops that make one pass over memory, row by row: embedding, residual with LayerNorm, dropout,
// gather and scatter, cast. Vector kernels in fp32 arithmetic on fp32 or bf16 rows, parallel over
// fixed blocks.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

void embed(const Embed&);
void embed_backward(const EmbedBackward&);
void add_norm(const AddNorm&, Workspace&);
void add_norm_backward(const AddNormBackward&, Workspace&);
void dropout(const DropoutRows&, Workspace&);
void gather_rows(const GatherRows&);
void scatter_add_rows(const ScatterAddRows&);
void cast(const Tensor& x, const Tensor& out);

// out += the sum of the rows of `partial`, added in their order.
void add_rows(Matrix<const float> partial, float* out);

}  // namespace bertune::cpu
