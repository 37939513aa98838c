// SPDX-License-Identifier: Apache-2.0
// The passes around the product of a linear op: the activation after it, and in the backward pass
// the derivative of the activation together with the bias gradient, in one pass over memory.
#pragma once

#include "engine/cpu/scratch.h"
#include "engine/engine.h"

namespace bertune::cpu {

// out = activation(pre). `out` may alias `pre`.
void activate(Activation, const Tensor& pre, const Tensor& out);

// Turns d_out into the gradient of `pre`; d_bias += the sum of its rows.
void activate_backward(const LinearBackward&, Workspace&);

// out[r] = bias for every row r, onto which a product then accumulates.
void broadcast_bias(const Tensor& bias, const Tensor& out);

}  // namespace bertune::cpu
