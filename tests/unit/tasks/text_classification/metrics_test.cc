// SPDX-License-Identifier: Apache-2.0
// Classification and regression metrics, compared with scikit-learn and SciPy.
#include "tasks/text_classification/metrics.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <string>
#include <vector>

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

// As in SciPy; the mean of the three numbers is not exactly 0.1.
TEST(TextMetrics, SayWhereACorrelationIsNotDefined) {
  const std::vector<double> constant{0.1, 0.1, 0.1}, numbers{1.0, 2.0, 4.0};
  const std::vector<TextMetric> both{TextMetric::kPearson, TextMetric::kSpearman};
  testing::internal::CaptureStderr();
  for (const auto& [name, value] : score_numbers(numbers, constant, both)) {
    EXPECT_TRUE(std::isnan(value)) << name;
  }
  EXPECT_TRUE(std::isnan(pearson(constant, numbers)));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("spearmanr is not defined"),
            std::string::npos);
}

}  // namespace
}  // namespace bertune
