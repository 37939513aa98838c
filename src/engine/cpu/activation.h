// SPDX-License-Identifier: Apache-2.0
// What surrounds the product of a linear op: the activation behind it, and in the backward the
// activation's derivative together with the gradient of the bias, in one pass.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

// out = activation(pre). `out` may be `pre`.
void activate(Activation, const Tensor& pre, const Tensor& out);

// d_out becomes the gradient of `pre`; d_bias += the sum of its rows.
void activate_backward(const LinearBackward&, Workspace&);

// out[r] = bias, in every row: what a product then accumulates on.
void broadcast_bias(const Tensor& bias, const Tensor& out);

}  // namespace bertune::cpu
