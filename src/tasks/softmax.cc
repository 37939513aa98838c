// SPDX-License-Identifier: Apache-2.0
#include "tasks/softmax.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "bertune/error.h"

namespace bertune {
namespace {

double highest_of(std::span<const float> logits) {
  CHECK(!logits.empty());
  return *std::max_element(logits.begin(), logits.end());
}

double sum_of_exp(std::span<const float> logits, double highest) {
  double sum = 0.0;
  for (const float logit : logits) sum += std::exp(logit - highest);
  if (std::isfinite(sum)) return sum;
  throw Error(ErrorKind::kNumerical, "the model's logits are not finite",
              "the weights may be damaged; try --precision fp32 or another checkpoint");
}

}  // namespace

std::vector<double> softmax(std::span<const float> logits) {
  const double highest = highest_of(logits);
  const double sum = sum_of_exp(logits, highest);
  std::vector<double> scores;
  scores.reserve(logits.size());
  for (const float logit : logits) scores.push_back(std::exp(logit - highest) / sum);
  return scores;
}

double log_sum_exp(std::span<const float> logits) {
  const double highest = highest_of(logits);
  return highest + std::log(sum_of_exp(logits, highest));
}

int32_t best_label(std::span<const float> logits) {
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace bertune
