// SPDX-License-Identifier: Apache-2.0
// Classification and regression metrics, compared with scikit-learn and SciPy.
#include "tasks/text_classification/metrics.h"

#include <gtest/gtest.h>

#include <array>

#include "unit/tasks/golden_metrics.h"

namespace bertune {
namespace {

constexpr std::array kClassMetrics{TextMetric::kAccuracy, TextMetric::kF1, TextMetric::kF1Macro,
                                   TextMetric::kMatthews};
constexpr std::array kNumberMetrics{TextMetric::kPearson, TextMetric::kSpearman};

TEST(TextMetrics, OfClassesEqualScikitLearns) {
  expect_golden_metrics("classes", [](const nlohmann::json& golden) {
    return score_classes(
        count_confusion(golden["gold"].get<std::vector<int32_t>>(),
                        golden["predicted"].get<std::vector<int32_t>>(), golden["labels"]),
        kClassMetrics);
  });
}

TEST(TextMetrics, OfNumbersEqualScipys) {
  expect_golden_metrics("numbers", [](const nlohmann::json& golden) {
    return score_numbers(golden["gold"].get<std::vector<double>>(),
                         golden["predicted"].get<std::vector<double>>(), kNumberMetrics);
  });
}

TEST(TextMetrics, CountAConfusionTable) {
  const std::vector<int32_t> gold{0, 0, 1, 2}, predicted{0, 1, 1, 0};
  const ConfusionTable table = count_confusion(gold, predicted, 3);
  EXPECT_EQ(table.counts, (std::vector<int64_t>{1, 1, 0, 0, 1, 0, 1, 0, 0}));
  EXPECT_EQ(table.at(2, 0), 1);
}

TEST(TextMetrics, SayWhereACorrelationIsNotDefined) {
  testing::internal::CaptureStderr();
  const Metrics metrics = score_numbers(std::vector<double>{1, 2}, std::vector<double>{3, 3},
                                        std::array{TextMetric::kPearson});
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(metrics, (Metrics{{"pearson", 0.0}}));
  EXPECT_NE(log.find("pearson is not defined"), std::string::npos) << log;
}

}  // namespace
}  // namespace bertune
