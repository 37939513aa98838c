// SPDX-License-Identifier: Apache-2.0
// The first values of parameters that no file gives.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "model/layout.h"

namespace bertune {

// Gives the named parameters of `values` [list.size] their first values, as transformers does:
// weights are normal(0, initializer_range), biases 0, a LayerNorm 1 and 0, the row of the padding
// token 0. A value depends on the seed, its parameter's name and its place there alone.
void initialize_parameters(const ParameterList& list, std::span<const std::string> names,
                           const BertConfig& config, uint64_t seed, std::span<float> values);

}  // namespace bertune
