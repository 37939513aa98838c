// SPDX-License-Identifier: Apache-2.0
// Runs rejected for lack of memory, and the workaround in the hint.
#include "train/memory_plan.h"

#include <gtest/gtest.h>

#include "bertune/error.h"

namespace bertune {
namespace {

constexpr int64_t kMiB = 1 << 20;

MemoryPlan plan_of(int64_t by_pass) {
  return {.groups = {{"parameters", 100 * kMiB}, {"activations", by_pass}},
          .resident = 50 * kMiB,
          .already = 10 * kMiB,
          .by_pass = by_pass,
          .pass_tokens = 4096,
          .recompute_saves = 0};
}

std::string hint_of(const MemoryPlan& plan, std::optional<int64_t> limit,
                    std::optional<int64_t> available) {
  try {
    require_memory(plan, limit, available);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSystem);
    return error.hint();
  }
  return "none";
}

TEST(MemoryPlan, AddsUp) {
  const MemoryPlan plan = plan_of(400 * kMiB);
  EXPECT_EQ(plan.peak(), 540 * kMiB);
  EXPECT_EQ(plan.still_to_take(), 490 * kMiB);
  EXPECT_EQ(memory_rows(plan).back().second, "540.0 MiB");
}

TEST(MemoryPlan, IsRefusedAboveTheLimitOrWhatIsLeft) {
  const MemoryPlan plan = plan_of(400 * kMiB);
  EXPECT_EQ(hint_of(plan, {}, {}), "none");
  EXPECT_EQ(hint_of(plan, 540 * kMiB, 490 * kMiB), "none");
  EXPECT_NE(hint_of(plan, 540 * kMiB - 1, {}), "none");
  EXPECT_NE(hint_of(plan, {}, 490 * kMiB - 1), "none");
}

TEST(MemoryPlan, TellsATokenBudgetThatFits) {
  const std::string half = hint_of(plan_of(400 * kMiB), 340 * kMiB, {});
  EXPECT_NE(half.find("token_budget=1920 "), std::string::npos) << half;
  const std::string none = hint_of(plan_of(400 * kMiB), 100 * kMiB, {});
  EXPECT_NE(none.find("smaller model"), std::string::npos) << none;
}

TEST(MemoryPlan, TellsWhatRecomputeSaves) {
  MemoryPlan plan = plan_of(400 * kMiB);
  plan.recompute_saves = 300 * kMiB;
  const std::string enough = hint_of(plan, 340 * kMiB, {});
  EXPECT_NE(enough.find("or turn on recompute, which saves 300.0 MiB"), std::string::npos)
      << enough;
  const std::string more = hint_of(plan, 140 * kMiB + 1, {});
  EXPECT_NE(more.find("recompute saves 300.0 MiB"), std::string::npos) << more;
  EXPECT_NE(more.find("not enough on its own"), std::string::npos) << more;
}

}  // namespace
}  // namespace bertune
