// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_decode.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"
#include "bertune/error.h"

namespace bertune {

std::vector<double> softmax(std::span<const float> logits) {
  CHECK(!logits.empty());
  const double highest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> scores;
  for (const float logit : logits) scores.push_back(std::exp(logit - highest));
  const double total = std::accumulate(scores.begin(), scores.end(), 0.0);
  if (!std::isfinite(total)) {
    throw Error(ErrorKind::kNumerical, "the model's logits are not finite",
                "the weights may be damaged; try --precision fp32 or another checkpoint");
  }
  for (double& score : scores) score /= total;
  return scores;
}

int32_t best_label(std::span<const float> logits) {
  return static_cast<int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

std::vector<LabelScore> rank_labels(std::span<const float> logits, const Labels& labels,
                                    int64_t top_k) {
  CHECK(logits.size() == labels.size());
  const std::vector<double> scores = softmax(logits);
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  if (static_cast<int64_t>(order.size()) > top_k) order.resize(top_k);
  std::vector<LabelScore> ranked;
  for (const size_t i : order) ranked.push_back({labels[i], scores[i]});
  return ranked;
}

}  // namespace bertune
