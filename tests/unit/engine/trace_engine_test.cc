// SPDX-License-Identifier: Apache-2.0
// A traced engine computes the same results as the engine it wraps, and its events describe the
// calls.
#include "engine/trace_engine.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/engine/ops.h"

namespace bertune {
namespace {

using nlohmann::json;

constexpr size_t kManyEvents = 1000;

class TracedOp : public testing::TestWithParam<OpCase> {};

TEST_P(TracedOp, GivesTheSameBits) {
  const std::unique_ptr<Engine> plain = make_reference_engine<float>();
  TraceEngine traced(make_reference_engine<float>(), kManyEvents);
  Harness expected(*plain, plain->dtypes()), actual(traced, traced.dtypes());
  const Outputs a = GetParam().run(expected), b = GetParam().run(actual);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
  EXPECT_FALSE(traced.trace().events().empty());
}

INSTANTIATE_TEST_SUITE_P(All, TracedOp, testing::ValuesIn(op_cases()),
                         [](const auto& test) { return test.param.name; });

struct TracedEngine {
  explicit TracedEngine(size_t max_events = kManyEvents)
      : engine(make_reference_engine<float>(), max_events) {
    buffer = engine.allocate(1 << 16);
  }
  Tensor tensor(int64_t rows, int64_t cols, int64_t offset = 0) const {
    return {static_cast<float*>(buffer->data()) + offset, DType::kF32, rows, cols, cols};
  }
  void run_step(int64_t step) {
    engine.mark(kStep, step);
    engine.mark("up", 3);
    engine.linear({.x = tensor(5, 8),
                   .weight = tensor(4, 8, 100),
                   .bias = tensor(1, 4, 200),
                   .out = tensor(5, 4, 300)});
    engine.mark("update", -1);
    engine.zero(tensor(1, 16, 400));
    engine.zero(tensor(1, 16, 500));
    engine.mark(kBetweenSteps, -1);
  }

  TraceEngine engine;
  std::unique_ptr<Buffer> buffer;
};

TEST(TraceEngine, EventsTellOpPlaceLayerAndShape) {
  TracedEngine traced;
  traced.run_step(7);
  const std::vector<TraceEvent>& events = traced.engine.trace().events();
  ASSERT_EQ(events.size(), 4u);
  EXPECT_STREQ(events[0].op, "linear");
  EXPECT_STREQ(events[0].place, "up");
  EXPECT_EQ(events[0].layer, 3);
  EXPECT_EQ(events[0].cost.rows, 5);
  EXPECT_EQ(events[0].cost.cols, 4);
  EXPECT_EQ(events[0].cost.depth, 8);
  EXPECT_EQ(events[0].cost.flop, 2.0 * 5 * 4 * 8);
  EXPECT_EQ(events[1].cost.bytes, 64.0);
  EXPECT_STREQ(events[3].op, kStep);
  EXPECT_EQ(events[3].layer, 7);
}

TEST(TraceEngine, SharesAddUpToTheSteps) {
  TracedEngine traced;
  traced.engine.zero(traced.tensor(1, 16));  // outside steps, so not part of the profile
  traced.run_step(0);
  traced.run_step(1);
  const Profile profile = traced.engine.trace().profile();
  ASSERT_EQ(profile.rows.size(), 2u);
  EXPECT_EQ(profile.steps, 2);
  EXPECT_GE(profile.rows[0].seconds, profile.rows[1].seconds);
  double sum = profile.outside_ops();
  for (const ProfileRow& row : profile.rows) {
    EXPECT_EQ(row.calls, row.op == "zero" ? 4 : 2);
    sum += row.seconds;
  }
  EXPECT_GE(profile.outside_ops(), 0.0);
  EXPECT_NEAR(sum, profile.step_seconds, 1e-9);
}

TEST(TraceEngine, EventsAreBoundedAndSumsGoOn) {
  TracedEngine traced(3);
  for (int64_t step = 0; step < 5; ++step) traced.run_step(step);
  EXPECT_EQ(traced.engine.trace().events().size(), 3u);
  EXPECT_EQ(traced.engine.trace().profile().steps, 5);
}

TEST(TraceEngine, RecordsNothingWhenToldSo) {
  TracedEngine traced;
  traced.engine.set_recording(false);
  traced.run_step(0);
  EXPECT_TRUE(traced.engine.trace().events().empty());
  EXPECT_EQ(traced.engine.trace().profile().steps, 0);
}

TEST(TraceEngine, TimelineIsJsonAsChromeReadsIt) {
  TracedEngine traced;
  traced.run_step(0);
  const json trace = json::parse(chrome_trace(traced.engine.trace(), "an engine"));
  ASSERT_EQ(trace["traceEvents"].size(), 4u);
  const json& linear = trace["traceEvents"][0];
  EXPECT_EQ(linear["name"], "linear up");
  EXPECT_EQ(linear["ph"], "X");
  EXPECT_EQ(linear["args"]["layer"], 3);
  EXPECT_EQ(linear["args"]["rows"], 5);
  const json& step = trace["traceEvents"][3];
  EXPECT_EQ(step["name"], "step");
  EXPECT_LE(step["ts"], linear["ts"]);
  EXPECT_GE(step["dur"], linear["dur"]);
}

TEST(TraceEngine, AnEmptyTimelineIsJsonToo) {
  EXPECT_TRUE(json::parse(chrome_trace(Trace(0), ""))["traceEvents"].empty());
}

}  // namespace
}  // namespace bertune
