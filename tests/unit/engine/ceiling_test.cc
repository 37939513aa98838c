// SPDX-License-Identifier: Apache-2.0
// The ceiling probe measures positive rates, and its means are harmonic.
#include "engine/cpu/ceiling.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bertune {
namespace {

constexpr ProductShape kShape{.out = 32, .in = 16};

TEST(Ceiling, TrainingLiesBetweenItsProducts) {
  for (const bool bf16 : {false, true}) {
    CeilingProbe probe(bf16, {kShape, kShape}, CeilingKind::kTraining);
    probe.measure(3);
    const Ceiling c = probe.medians();
    EXPECT_GT(c.forward, 0.0);
    const auto [least, most] = std::minmax({c.forward, c.backward_x, c.backward_weight});
    EXPECT_GE(c.training(), least);
    EXPECT_LE(c.training(), most);
  }
}

TEST(Ceiling, MeansAreHarmonic) {
  const Ceiling ceiling{.forward = 3.0, .backward_x = 1.5, .backward_weight = 1.0};
  EXPECT_DOUBLE_EQ(ceiling.training(), 3.0 / (1 / 3.0 + 1 / 1.5 + 1));
  EXPECT_DOUBLE_EQ(ceiling.backward_mean(), 2.0 / (1 / 1.5 + 1));
}

TEST(Ceiling, InferenceNeedsTheForwardAlone) {
  CeilingProbe probe(false, {kShape}, CeilingKind::kInference);
  probe.measure();
  EXPECT_GT(probe.medians().forward, 0.0);
  EXPECT_EQ(probe.medians().backward_x, 0.0);
}

}  // namespace
}  // namespace bertune
