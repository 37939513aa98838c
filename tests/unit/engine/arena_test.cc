// SPDX-License-Identifier: Apache-2.0
// The arena sets shapes at once and data at commit, makes one allocation of aligned, disjoint
// tensors, and reports groups that add up to its size.
#include "engine/arena.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/reference_engine.h"

namespace bertune {
namespace {

class ArenaTest : public testing::Test {
 protected:
  const std::unique_ptr<Engine> engine = make_reference_engine<float>();
  Arena arena{*engine};
};

TEST_F(ArenaTest, PlanGivesTheShapeAndCommitTheData) {
  Tensor x;
  arena.plan(x, "activations", DType::kBF16, 3, 5);
  EXPECT_FALSE(x);
  EXPECT_EQ(x.rows, 3);
  EXPECT_EQ(x.cols, 5);
  EXPECT_TRUE(x.is_dense());
  EXPECT_EQ(x.dtype, DType::kBF16);
  arena.commit();
  EXPECT_TRUE(x);
}

TEST_F(ArenaTest, TensorsAreAlignedZeroedAndDisjoint) {
  std::vector<Tensor> slots(4);
  const DType types[] = {DType::kF32, DType::kBF16, DType::kU64, DType::kI32};
  for (size_t i = 0; i < slots.size(); ++i) arena.plan(slots[i], "all", types[i], 7, 3);
  arena.commit();
  for (const Tensor& x : slots) {
    EXPECT_EQ(reinterpret_cast<uintptr_t>(x.data) % 64, 0u);
    const char* bytes = static_cast<const char*>(x.data);
    EXPECT_EQ(std::accumulate(bytes, bytes + 21 * size_of(x.dtype), 0), 0);
  }
  for (size_t i = 0; i + 1 < slots.size(); ++i) {
    const char* end = static_cast<const char*>(slots[i].data) + 21 * size_of(slots[i].dtype);
    EXPECT_LE(end, static_cast<const char*>(slots[i + 1].data));
  }
}

TEST_F(ArenaTest, GroupsKeepTheirOrderAndAddUp) {
  std::vector<Tensor> slots(3);
  arena.plan(slots[0], "params", DType::kF32, 1, 16);       // 64 bytes
  arena.plan(slots[1], "activations", DType::kBF16, 1, 1);  // 2, padded to 64
  arena.plan(slots[2], "params", DType::kF32, 2, 16);       // 128
  const std::vector<std::pair<std::string, size_t>> expected{{"params", 192}, {"activations", 64}};
  EXPECT_EQ(arena.groups(), expected);
  EXPECT_EQ(arena.bytes(), 256u);
}

TEST_F(ArenaTest, ATensorWithoutElementsStaysEmpty) {
  Tensor nothing;
  arena.plan(nothing, "activations", DType::kF32, 0, 5);
  arena.commit();
  EXPECT_FALSE(nothing);
  EXPECT_EQ(nothing.cols, 5);
}

TEST_F(ArenaTest, PlanningOrCommittingAfterCommitThrows) {
  Tensor x;
  arena.commit();
  EXPECT_THROW(arena.plan(x, "late", DType::kF32, 1, 1), Error);
  EXPECT_THROW(arena.commit(), Error);
}

}  // namespace
}  // namespace bertune
