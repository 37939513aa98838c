// SPDX-License-Identifier: Apache-2.0
// Initial values of parameters that no file provides.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/layout.h"

namespace bertune {

// Initialises the named parameters in `values` [list.size] as transformers does: weights are
// normal(0, initializer_range), biases 0, LayerNorm scales 1 and biases 0, and the row of the
// padding token 0. A value depends only on the seed, its parameter's name and its index in the
// parameter.
void initialize_parameters(const ParameterList& list, std::span<const std::string> names,
                           const BertConfig& config, uint64_t seed, std::span<float> values);

}  // namespace bertune
