// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/metrics.h"

#include <set>

#include "tasks/task.h"

namespace bertune {
namespace {

double ratio(int64_t part, int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

std::vector<std::string> metric_names(std::span<const std::string> types, TagScheme scheme) {
  std::vector<std::string> names{"precision", "recall", "f1"};
  if (scheme == TagScheme::kPlain) names.emplace_back("accuracy");
  for (const std::string& type : types) {
    for (const char* name : {"_precision", "_recall", "_f1", "_support"}) {
      names.push_back(type + name);
    }
  }
  return names;
}

double EntityCounts::precision() const { return ratio(correct, predicted); }
double EntityCounts::recall() const { return ratio(correct, gold); }

double EntityCounts::f1() const {
  const double p = precision(), r = recall();
  return p + r == 0.0 ? 0.0 : 2.0 * p * r / (p + r);
}

void EntityScorer::add_words(std::span<const Entity> gold, std::span<const Entity> predicted,
                             size_t words) {
  const auto count = static_cast<int32_t>(words);
  const auto wanted = write_tags(gold, count, TagScheme::kPlain);
  const auto found = write_tags(predicted, count, TagScheme::kPlain);
  words_ += count;
  for (size_t i = 0; i < words; ++i) correct_words_ += wanted[i] == found[i];
}

void EntityScorer::add(std::span<const Entity> gold, std::span<const Entity> predicted,
                       size_t words) {
  if (scheme_ == TagScheme::kPlain) add_words(gold, predicted, words);
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
  std::vector<std::string> types;
  std::vector<double> values{sum.precision(), sum.recall(), sum.f1()};
  if (scheme_ == TagScheme::kPlain) values.push_back(ratio(correct_words_, words_));
  for (const auto& [type, counts] : by_type_) {
    types.push_back(type);
    values.insert(values.end(), {counts.precision(), counts.recall(), counts.f1(),
                                 static_cast<double>(counts.gold)});
  }
  return with_names(metric_names(types, scheme_), values);
}

}  // namespace bertune
