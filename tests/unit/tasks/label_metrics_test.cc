// SPDX-License-Identifier: Apache-2.0
// Scores of classes, numbers and tags, against scikit-learn, SciPy and seqeval.
#include <gtest/gtest.h>

#include <array>

#include "golden_file.h"
#include "tasks/text_classification/metrics.h"
#include "tasks/token_classification/metrics.h"
#include "text/python_text.h"

namespace bertune {
namespace {

using nlohmann::json;

constexpr std::array kClassMetrics{TextMetric::kAccuracy, TextMetric::kF1, TextMetric::kF1Macro,
                                   TextMetric::kMatthews};
constexpr std::array kNumberMetrics{TextMetric::kPearson, TextMetric::kSpearman};

void expect_equal(const Metrics& found, const json& golden) {
  const json& expected = golden["expected"];
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    const auto value = expected[i][1].get<std::string>();
    EXPECT_EQ(found[i].first, expected[i][0].get<std::string>());
    if (golden["kind"] == "numbers") {  // SciPy's last digits are those of its BLAS
      EXPECT_NEAR(found[i].second, std::stod(value), 64 * 2.3e-16);
    } else {
      EXPECT_EQ(python_repr(found[i].second), value) << found[i].first;
    }
  }
}

std::vector<Entity> entities_of(const json& tags, const json& scheme) {
  const auto sequence = tags.get<std::vector<std::string>>();
  if (scheme.is_null()) return find_entities(sequence);
  return find_entities_strictly(sequence, scheme == "IOB2" ? TagScheme::kIob2 : TagScheme::kBioes);
}

Metrics score(const json& golden) {
  const json &gold = golden["gold"], &predicted = golden["predicted"];
  if (golden["kind"] == "classes") {
    const auto table = count_confusion(gold.get<std::vector<int32_t>>(),
                                       predicted.get<std::vector<int32_t>>(), golden["labels"]);
    return score_classes(table, kClassMetrics);
  }
  if (golden["kind"] == "numbers") {
    return score_numbers(gold.get<std::vector<double>>(), predicted.get<std::vector<double>>(),
                         kNumberMetrics);
  }
  EntityScorer scorer;
  for (size_t i = 0; i < gold.size(); ++i) {
    scorer.add(entities_of(gold[i], golden["scheme"]), entities_of(predicted[i], golden["scheme"]));
  }
  return scorer.metrics();
}

TEST(LabelMetrics, EqualTheReferences) {
  for (const auto& golden : read_golden("label_metrics.json", "cases")) {
    SCOPED_TRACE(golden.dump().substr(0, 300));
    expect_equal(score(golden), golden);
  }
}

TEST(LabelMetrics, CountAConfusionTable) {
  const std::vector<int32_t> gold{0, 0, 1, 2}, predicted{0, 1, 1, 0};
  const ConfusionTable table = count_confusion(gold, predicted, 3);
  EXPECT_EQ(table.counts, (std::vector<int64_t>{1, 1, 0, 0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(table.at(2, 0), 1);
}

TEST(LabelMetrics, SayWhereACorrelationIsNotDefined) {
  testing::internal::CaptureStderr();
  const Metrics metrics = score_numbers(std::vector<double>{1, 2}, std::vector<double>{3, 3},
                                        std::array{TextMetric::kPearson});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(metrics, (Metrics{{"pearson", 0.0}}));
  EXPECT_NE(log.find("pearson is not defined"), std::string::npos) << log;
}

}  // namespace
}  // namespace bertune
