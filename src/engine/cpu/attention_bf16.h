// SPDX-License-Identifier: Apache-2.0
// The tasks of attention.h where activations are bf16 and the processor has AVX512-BF16: products
// of bf16 pairs, everything between them in fp32.
#pragma once

#include "engine/cpu/attention.h"

namespace bertune::cpu::bf16 {

// One task, with so many floats of scratch, where has_dot_bf16() says that it can run.
void attend(const Attention&, const HeadTask&, float* scratch);
void attend_backward(const AttentionBackward&, const HeadTask&, float* scratch);
int64_t forward_floats(int64_t length, int64_t width);
int64_t backward_floats(int64_t length, int64_t width);

}  // namespace bertune::cpu::bf16
