// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/decode.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "tasks/logits.h"

namespace bertune {

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
