// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/metrics.h"

#include <set>

namespace bertune {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double EntityCounts::precision() const { return ratio(correct, predicted); }
double EntityCounts::recall() const { return ratio(correct, gold); }

double EntityCounts::f1() const {
  const double p = precision(), r = recall();
  return p + r == 0.0 ? 0.0 : 2.0 * p * r / (p + r);
}

void EntityScorer::add(std::span<const Entity> gold, std::span<const Entity> predicted) {
  const std::set<Entity> wanted(gold.begin(), gold.end());
  for (const Entity& entity : gold) ++by_type_[entity.type].gold;
  for (const Entity& entity : predicted) {
    EntityCounts& counts = by_type_[entity.type];
    ++counts.predicted;
    counts.correct += static_cast<int64_t>(wanted.count(entity));
  }
}

EntityCounts EntityScorer::all() const {
  EntityCounts sum;
  for (const auto& [type, counts] : by_type_) {
    sum.gold += counts.gold;
    sum.predicted += counts.predicted;
    sum.correct += counts.correct;
  }
  return sum;
}

Metrics EntityScorer::metrics() const {
  const EntityCounts sum = all();
  Metrics metrics{{"precision", sum.precision()}, {"recall", sum.recall()}, {"f1", sum.f1()}};
  for (const auto& [type, counts] : by_type_) {
    metrics.emplace_back(type + "_precision", counts.precision());
    metrics.emplace_back(type + "_recall", counts.recall());
    metrics.emplace_back(type + "_f1", counts.f1());
    metrics.emplace_back(type + "_support", static_cast<double>(counts.gold));
  }
  return metrics;
}

}  // namespace bertune
