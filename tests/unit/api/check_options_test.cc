// SPDX-License-Identifier: Apache-2.0
// Option values that are rejected as invalid.
#include "api/check_options.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "bertune/error.h"

namespace bertune {
namespace {

std::string refusal(const TrainOptions& options) {
  try {
    check_values(options);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

TEST(Values, OfCountsAreBoundedSoThatTheirProductsAreNumbers) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const int64_t wrong : {int64_t{0}, kMost}) {
    const std::string value = " is " + std::to_string(wrong);
    EXPECT_EQ(refusal({.optimizer = {.epochs = wrong}}), "epochs" + value);
    EXPECT_EQ(refusal({.optimizer = {.batch_size = wrong}}), "batch_size" + value);
  }
  EXPECT_EQ(refusal({.text = {.doc_stride = int64_t{1} << 32}}), "doc_stride is 4294967296");
  EXPECT_NE(refusal({.eval_dataset = "x", .validation = {.eval_epochs = kMost}}), "");
  EXPECT_EQ(refusal({.optimizer = {.epochs = 1'000'000'000, .batch_size = 1'000'000'000}}), "");
}

TEST(Values, OfRatesAreFiniteNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double no_number = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {infinity, no_number, -1.0}) {
    EXPECT_NE(refusal({.optimizer = {.learning_rate = wrong}}), "");
    EXPECT_NE(refusal({.optimizer = {.final_learning_rate = wrong}}), "");
    EXPECT_NE(refusal({.optimizer = {.weight_decay = wrong}}), "");
    EXPECT_NE(refusal({.optimizer = {.adam_epsilon = wrong}}), "");
  }
  EXPECT_NE(refusal({.optimizer = {.max_grad_norm = no_number}}), "");
  EXPECT_NE(refusal({.answer = {.null_threshold = no_number}}), "");
  EXPECT_EQ(refusal({.optimizer = {.max_grad_norm = infinity}}), "");
}

std::string refusal(const PredictRequest& request) {
  try {
    check_options(request);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

TEST(Values, WithNamesAreAmongTheKnownOnes) {
  EXPECT_EQ(refusal({.data = {.answer_units = "letters"}}), "answer_units is 'letters'");
  EXPECT_EQ(refusal({.data = {.answer_units = "characters"}}), "");
  EXPECT_EQ(refusal(PredictRequest{.aggregation = "last"}), "aggregation is 'last'");
  EXPECT_EQ(refusal(PredictRequest{.aggregation = "max"}), "");
}

TEST(Values, OfThresholdsAreScores) {
  for (const double wrong : {-0.1, 1.5, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_NE(refusal(PredictRequest{.answer = {.threshold = wrong}}), "") << wrong;
  }
  EXPECT_EQ(refusal(PredictRequest{.answer = {.threshold = 1.0}}), "");
}

TEST(Values, OfTheBestMetricNeedEvaluations) {
  EXPECT_EQ(refusal({.validation = {.metric_for_best = "f1"}}),
            "early_stopping_patience and metric_for_best need evaluations during training");
  EXPECT_NE(refusal({.validation = {.early_stopping_patience = 1}}), "");
  EXPECT_EQ(
      refusal({.eval_dataset = "x", .validation = {.eval_steps = 1, .metric_for_best = "f1"}}), "");
  EXPECT_EQ(refusal({.validation = {.eval_steps = 1}}), "eval_dataset is missing");
}

}  // namespace
}  // namespace bertune
