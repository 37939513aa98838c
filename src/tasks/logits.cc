// SPDX-License-Identifier: Apache-2.0
#include "tasks/logits.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

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
  throw Error(
      ErrorKind::kNumerical, "the model's logits are not finite",
      "the weights may be damaged; try " + option("precision", "fp32") + " or another checkpoint");
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

std::vector<double> sigmoid(std::span<const float> logits) {
  sum_of_exp(logits, highest_of(logits));  // refuses a logit that is not finite
  std::vector<double> scores;
  scores.reserve(logits.size());
  for (const float logit : logits) scores.push_back(1.0 / (1.0 + std::exp(-double{logit})));
  return scores;
}

double log_sum_exp(std::span<const float> logits) {
  const double highest = highest_of(logits);
  return highest + std::log(sum_of_exp(logits, highest));
}

int32_t best_label(std::span<const float> logits) {
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<int32_t> highest(std::span<const float> logits, int64_t count) {
  std::vector<int32_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto kept = std::min<std::ptrdiff_t>(count, std::ssize(order));
  std::partial_sort(order.begin(), order.begin() + kept, order.end(), [&](int32_t a, int32_t b) {
    return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
  });
  order.resize(static_cast<size_t>(kept));
  return order;
}

}  // namespace bertune
