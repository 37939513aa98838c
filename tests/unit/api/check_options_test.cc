// SPDX-License-Identifier: Apache-2.0
// Values of options that cannot be meant.
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
    EXPECT_EQ(refusal({.epochs = wrong}), "--epochs" + value);
    EXPECT_EQ(refusal({.batch_size = wrong}), "--batch-size" + value);
  }
  EXPECT_EQ(refusal({.text = {.doc_stride = int64_t{1} << 32}}), "--doc-stride is 4294967296");
  EXPECT_NE(refusal({.eval_dataset = "x", .eval_epochs = kMost}), "");
  EXPECT_EQ(refusal({.epochs = 1'000'000'000, .batch_size = 1'000'000'000}), "");
}

TEST(Values, OfRatesAreFiniteNumbers) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double no_number = std::numeric_limits<double>::quiet_NaN();
  for (const double wrong : {infinity, no_number, -1.0}) {
    EXPECT_NE(refusal({.learning_rate = wrong}), "");
    EXPECT_NE(refusal({.final_learning_rate = wrong}), "");
    EXPECT_NE(refusal({.weight_decay = wrong}), "");
    EXPECT_NE(refusal({.adam_epsilon = wrong}), "");
  }
  EXPECT_NE(refusal({.max_grad_norm = no_number}), "");
  EXPECT_NE(refusal({.answer = {.null_threshold = no_number}}), "");
  EXPECT_EQ(refusal({.max_grad_norm = infinity}), "");
}

}  // namespace
}  // namespace bertune
