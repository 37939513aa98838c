// SPDX-License-Identifier: Apache-2.0
// From the logits of a text to labels with scores, in the shape of transformers' pipeline.
#pragma once

#include <cstdint>
#include <optional>
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

// Which labels a prediction lists if a text may have several: the top_k best ones, those with a
// score above the threshold, or of the latter the best ones; with neither, those above 0.5.
struct LabelChoice {
  std::optional<int64_t> top_k;
  std::optional<double> threshold;
};
inline constexpr double kDefaultThreshold = 0.5;

// The sigmoid of each logit, best first (equal ones by index), as far as they are chosen. Throws
// Error{kNumerical} for a logit that is not finite.
std::vector<LabelScore> choose_labels(std::span<const float> logits, const Labels& labels,
                                      const LabelChoice& choice);

}  // namespace bertune
