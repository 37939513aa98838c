// SPDX-License-Identifier: Apache-2.0
// The tasks of attention.h for bf16 activations on processors with AVX512-BF16: products of bf16
// pairs, with fp32 between the products.
#pragma once

#include "engine/cpu/head_task.h"
#include "engine/engine.h"

namespace bertune::cpu::bf16 {

// Runs one task with `scratch` of forward_floats() or backward_floats() floats. Requires
// has_dot_bf16().
void attend(const Attention&, const HeadTask&, float* scratch);
void attend_backward(const AttentionBackward&, const HeadTask&, float* scratch);
int64_t forward_floats(int64_t length, int64_t width);
int64_t backward_floats(int64_t length, int64_t width);

}  // namespace bertune::cpu::bf16
