// SPDX-License-Identifier: Apache-2.0
// From the logits of a text to labels with scores, in the shape of transformers' pipeline.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "tasks/labels.h"

namespace bertune {

// The softmax of the logits, best first (equal ones by index), at most top_k. Throws
// Error{kNumerical} for a logit that is not finite.
std::vector<LabelScore> rank_labels(std::span<const float> logits, const Labels& labels,
                                    int64_t top_k);

}  // namespace bertune
