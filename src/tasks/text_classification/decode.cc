// SPDX-License-Identifier: Apache-2.0
#include "tasks/text_classification/decode.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"
#include "tasks/logits.h"

namespace bertune {
namespace {

std::vector<LabelScore> rank_scores(std::span<const double> scores, const Labels& labels,
                                    int64_t top_k) {
  CHECK(scores.size() == labels.size());
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  if (static_cast<int64_t>(order.size()) > top_k) order.resize(top_k);
  std::vector<LabelScore> ranked;
  for (const size_t i : order) ranked.push_back({labels[i], scores[i]});
  return ranked;
}

}  // namespace

std::vector<LabelScore> rank_labels(std::span<const float> logits, const Labels& labels,
                                    int64_t top_k) {
  return rank_scores(softmax(logits), labels, top_k);
}

std::vector<LabelScore> choose_labels(std::span<const float> logits, const Labels& labels,
                                      const LabelChoice& choice) {
  const auto all = static_cast<int64_t>(labels.size());
  std::vector<LabelScore> ranked = rank_scores(sigmoid(logits), labels, choice.top_k.value_or(all));
  if (choice.top_k && !choice.threshold) return ranked;
  const double threshold = choice.threshold.value_or(kDefaultThreshold);
  std::erase_if(ranked, [&](const LabelScore& label) { return !(label.score > threshold); });
  return ranked;
}

}  // namespace bertune
