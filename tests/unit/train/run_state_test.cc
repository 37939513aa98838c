// SPDX-License-Identifier: Apache-2.0
// How steps and evaluations update the state of a run, and what a resumed run takes from it.
#include "train/run_state.h"

#include <gtest/gtest.h>

#include <cmath>

namespace bertune {
namespace {

constexpr int64_t kEpochSteps = 3;

StepResult step_of(double loss) { return {.loss = loss, .gradient_norm = loss}; }

TEST(RunState, CountsStepsAndTheirEpoch) {
  RunState state({.total_steps = 6}, kEpochSteps);
  for (const int64_t epoch : {0, 0, 1, 1, 1, 2}) {
    state.add_step(step_of(1.0));
    EXPECT_EQ(state.get().epoch, epoch);
  }
  EXPECT_EQ(state.get().step, 6);
  EXPECT_EQ(state.get().total_steps, 6);
}

TEST(RunState, TakesTheMeanOfAnEpochsLosses) {
  RunState state({}, kEpochSteps);
  EXPECT_EQ(state.mean_loss(), 0.0);
  state.begin_epoch();
  for (const double loss : {1.0, 2.0, 6.0}) state.add_step(step_of(loss));
  EXPECT_EQ(state.mean_loss(), 3.0);
  state.begin_epoch();
  EXPECT_EQ(state.mean_loss(), 0.0);
  state.add_step(step_of(4.0));
  EXPECT_EQ(state.mean_loss(), 4.0);
  EXPECT_EQ(state.get().loss_steps, 1);
}

TEST(RunState, SkippedStepsCountAsStepsButHaveNoLoss) {
  RunState state({}, kEpochSteps);
  state.begin_epoch();
  state.add_step(step_of(2.0));
  state.add_step(step_of(std::nan("")));
  state.add_step({.loss = 1.0, .gradient_norm = HUGE_VAL});
  EXPECT_EQ(state.get().step, 3);
  EXPECT_EQ(state.get().epoch, 1);
  EXPECT_EQ(state.get().skipped_steps, 2);
  EXPECT_EQ(state.mean_loss(), 2.0);
}

TEST(RunState, KnowsTheBestEvaluationAndHowManyCameAfterIt) {
  RunState state({}, kEpochSteps);
  const auto evaluate = [&](double value, bool is_best) {
    state.add_step(step_of(1.0));
    state.expect_evaluation();
    EXPECT_TRUE(state.get().evaluation_due);
    state.add_evaluation(value, is_best);
    EXPECT_FALSE(state.get().evaluation_due);
  };
  evaluate(0.5, true);
  evaluate(0.4, false);
  evaluate(0.3, false);
  EXPECT_EQ(state.get().best_step, 1);
  EXPECT_EQ(state.get().best_value, 0.5);
  EXPECT_EQ(state.get().evaluations_since_best, 2);
  evaluate(0.6, true);
  EXPECT_EQ(state.get().best_step, 4);
  EXPECT_EQ(state.get().best_value, 0.6);
  EXPECT_EQ(state.get().evaluations_since_best, 0);
}

TEST(RunState, AnEvaluationMayBeDropped) {
  RunState state({}, kEpochSteps);
  state.expect_evaluation();
  state.drop_evaluation();
  EXPECT_FALSE(state.get().evaluation_due);
  EXPECT_EQ(state.get().best_step, 0);
}

TEST(RunState, AResumedRunTakesOverWhereItStoodAndKeepsItsOwnPlan) {
  const TrainingState checkpoint{.step = 5,
                                 .epoch = 1,
                                 .seed = 1,
                                 .total_steps = 6,
                                 .loss_sum = 2.5,
                                 .loss_steps = 2,
                                 .skipped_steps = 1,
                                 .best_step = 3,
                                 .best_value = 0.75,
                                 .evaluations_since_best = 2,
                                 .evaluation_due = true,
                                 .precision = "fp32",
                                 .device = "there",
                                 .model = "a",
                                 .data = "b",
                                 .windows = 7,
                                 .options = R"({"epochs":2})"};
  const TrainingState here{.seed = 2,
                           .total_steps = 12,
                           .precision = "bf16",
                           .device = "here",
                           .model = "c",
                           .data = "d",
                           .windows = 8,
                           .options = R"({"epochs":4})"};
  const TrainingState state = resumed_state(checkpoint, here, kEpochSteps);
  EXPECT_EQ(state.step, 5);
  EXPECT_EQ(state.epoch, 1);
  EXPECT_EQ(state.loss_sum, 2.5);
  EXPECT_EQ(state.loss_steps, 2);
  EXPECT_EQ(state.skipped_steps, 1);
  EXPECT_EQ(state.best_step, 3);
  EXPECT_EQ(state.best_value, 0.75);
  EXPECT_EQ(state.evaluations_since_best, 2);
  EXPECT_TRUE(state.evaluation_due);
  EXPECT_EQ(state.seed, 2u);
  EXPECT_EQ(state.total_steps, 12);
  EXPECT_EQ(state.precision, "bf16");
  EXPECT_EQ(state.device, "here");
  EXPECT_EQ(state.model, "c");
  EXPECT_EQ(state.data, "d");
  EXPECT_EQ(state.windows, 8);
  EXPECT_EQ(state.options, R"({"epochs":4})");
}

// resume_anyway with fewer epochs, or with epochs of a different length.
TEST(RunState, AShorterRunIsOverWhereItEnds) {
  const TrainingState checkpoint{.step = 9, .epoch = 3, .total_steps = 9};
  const TrainingState state = resumed_state(checkpoint, {.total_steps = 4}, 2);
  EXPECT_EQ(state.step, 4);
  EXPECT_EQ(state.epoch, 2);
}

}  // namespace
}  // namespace bertune
