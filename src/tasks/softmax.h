// SPDX-License-Identifier: Apache-2.0
// Logits to probabilities.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bertune {

// exp(logit) / sum of exp(logits), in double. Throws Error{kNumerical} for a logit that is not
// finite.
std::vector<double> softmax(std::span<const float> logits);

// log(sum of exp(logits)), in double.
double log_sum_exp(std::span<const float> logits);

// The index of the highest logit, the lowest of equal ones.
int32_t best_label(std::span<const float> logits);

}  // namespace bertune
