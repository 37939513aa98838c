// SPDX-License-Identifier: Apache-2.0
// From logits to probabilities, and to the best of them. Ties always go to the lower index, so that
// results do not depend on the order of a computation.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace bertune {

// exp(logit) / sum of exp(logits), in double. Throws Error{kNumerical} for a logit that is not
// finite.
std::vector<double> softmax(std::span<const float> logits);

// 1 / (1 + exp(-logit)) of each, in double. Throws as softmax does.
std::vector<double> sigmoid(std::span<const float> logits);

// log(sum of exp(logits)), in double.
double log_sum_exp(std::span<const float> logits);

// The index of the highest logit.
int32_t best_label(std::span<const float> logits);

// The indices of the `count` highest logits, or of all if there are fewer, highest first.
std::vector<int32_t> highest(std::span<const float> logits, int64_t count);

}  // namespace bertune
