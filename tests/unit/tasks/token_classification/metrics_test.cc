// SPDX-License-Identifier: Apache-2.0
// Entity metrics, compared with seqeval.
#include "tasks/token_classification/metrics.h"

#include <gtest/gtest.h>

#include "unit/tasks/golden_metrics.h"

namespace bertune {
namespace {

std::vector<Entity> entities_of(const nlohmann::json& tags, const nlohmann::json& scheme) {
  const auto sequence = tags.get<std::vector<std::string>>();
  if (scheme.is_null()) return find_entities(sequence);
  return find_entities_strictly(sequence, scheme == "IOB2" ? TagScheme::kIob2 : TagScheme::kBioes);
}

TEST(EntityMetrics, EqualSeqevals) {
  expect_golden_metrics("tags", [](const nlohmann::json& golden) {
    EntityScorer scorer;
    for (size_t i = 0; i < golden["gold"].size(); ++i) {
      scorer.add(entities_of(golden["gold"][i], golden["scheme"]),
                 entities_of(golden["predicted"][i], golden["scheme"]));
    }
    return scorer.metrics();
  });
}

}  // namespace
}  // namespace bertune
