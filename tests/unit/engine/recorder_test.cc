// SPDX-License-Identifier: Apache-2.0
// A recorded engine computes the same results as any other, and the events describe its calls.
#include "engine/recorder.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "unit/engine/ops.h"

namespace bertune {
namespace {

using nlohmann::json;

constexpr size_t kManyEvents = 1000;

class RecordedOp : public testing::TestWithParam<OpCase> {};

TEST_P(RecordedOp, GivesTheSameBits) {
  const std::unique_ptr<Engine> plain = make_reference_engine<float>();
  const std::unique_ptr<Engine> recorded = make_reference_engine<float>();
  Recorder recorder(kManyEvents);
  recorded->record(&recorder);
  Harness expected(*plain, plain->dtypes()), actual(*recorded, recorded->dtypes());
  const Outputs a = GetParam().run(expected), b = GetParam().run(actual);
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
  EXPECT_FALSE(recorder.trace().events().empty());
}

INSTANTIATE_TEST_SUITE_P(All, RecordedOp, testing::ValuesIn(op_cases()),
                         [](const auto& test) { return test.param.name; });

struct RecordedEngine {
  explicit RecordedEngine(size_t max_events = kManyEvents) : recorder(max_events) {
    engine->record(&recorder);
    buffer = engine->allocate(1 << 16);
  }
  Tensor tensor(int64_t rows, int64_t cols, int64_t offset = 0) const {
    return {static_cast<float*>(buffer->data()) + offset, DType::kF32, rows, cols, cols};
  }
  void run_step(int64_t step) {
    engine->mark(kStep, step);
    engine->mark("up", 3);
    engine->linear({.x = tensor(5, 8),
                    .weight = tensor(4, 8, 100),
                    .bias = tensor(1, 4, 200),
                    .out = tensor(5, 4, 300)});
    engine->mark("update", -1);
    engine->zero(tensor(1, 16, 400));
    engine->zero(tensor(1, 16, 500));
    engine->mark(kBetweenSteps, -1);
  }

  Recorder recorder;
  const std::unique_ptr<Engine> engine = make_reference_engine<float>();
  std::unique_ptr<Buffer> buffer;
};

TEST(Recorder, EventsTellOpPlaceLayerAndShape) {
  RecordedEngine recorded;
  recorded.run_step(7);
  const std::vector<TraceEvent>& events = recorded.recorder.trace().events();
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

TEST(Recorder, SharesAddUpToTheSteps) {
  RecordedEngine recorded;
  recorded.engine->zero(recorded.tensor(1, 16));  // outside steps, so not part of the profile
  recorded.run_step(0);
  recorded.run_step(1);
  const Profile profile = recorded.recorder.trace().profile();
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

TEST(Recorder, EventsAreBoundedAndSumsGoOn) {
  RecordedEngine recorded(3);
  for (int64_t step = 0; step < 5; ++step) recorded.run_step(step);
  EXPECT_EQ(recorded.recorder.trace().events().size(), 3u);
  EXPECT_EQ(recorded.recorder.trace().profile().steps, 5);
}

TEST(Recorder, RecordsNothingWhenToldSo) {
  RecordedEngine recorded;
  recorded.recorder.set_recording(false);
  recorded.run_step(0);
  EXPECT_TRUE(recorded.recorder.trace().events().empty());
  EXPECT_EQ(recorded.recorder.trace().profile().steps, 0);
}

TEST(Recorder, TimelineIsJsonAsChromeReadsIt) {
  RecordedEngine recorded;
  recorded.run_step(0);
  const json trace = json::parse(chrome_trace(recorded.recorder.trace(), "an engine"));
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

TEST(Recorder, AnEmptyTimelineIsJsonToo) {
  EXPECT_TRUE(json::parse(chrome_trace(Trace(0), ""))["traceEvents"].empty());
}

}  // namespace
}  // namespace bertune
