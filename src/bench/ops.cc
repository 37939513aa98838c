// SPDX-License-Identifier: Apache-2.0
// Ops are timed within the steps of a two-layer model, not alone in a loop, so that caches are in
// the same state as in training.
#include "bench/ops.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/compute_thread.h"
#include "base/log.h"
#include "base/spelling.h"
#include "base/statistics.h"
#include "bench/report.h"
#include "bench/training.h"
#include "bertune/error.h"

namespace bertune {
namespace {

constexpr int64_t kLayers = 2;
constexpr int64_t kOpWarmUpSteps = 2;

const std::vector<std::string> kOps = {"linear",    "linear_backward",
                                       "attention", "attention_backward",
                                       "add_norm",  "add_norm_backward",
                                       "embed",     "embed_backward",
                                       "dropout",   "cross_entropy",
                                       "adamw",     "squared_norm",
                                       "pack",      "zero",
                                       "cast"};

void require_op(const std::string& name) {
  if (name.empty() || std::find(kOps.begin(), kOps.end(), name) != kOps.end()) return;
  throw Error(ErrorKind::kUsage, fmt::format("there is no op '{}'", name),
              fmt::format("did you mean {}? --op takes one of {}", nearest_name(name, kOps),
                          fmt::join(kOps, ", ")));
}

// The calls of an op from one place, over the steps.
struct Calls {
  OpRate op;
  int64_t rows = 0, count = 0;  // of all steps
  OpCost cost;                  // of the current step
  double seconds = 0.0;
  std::vector<double> step_seconds, flops, bytes;  // [steps]; flops and bytes are per second

  void add(const TraceEvent& event) {
    if (count == 0) op.cols = event.cost.cols, op.depth = event.cost.depth;
    if (op.cols != event.cost.cols) op.cols = -1;
    if (op.depth != event.cost.depth) op.depth = -1;
    rows += event.cost.rows;
    ++count;
    seconds += event.seconds;
    cost.flop += event.cost.flop;
    cost.bytes += event.cost.bytes;
  }
  void end_step() {
    step_seconds.push_back(seconds);
    flops.push_back(cost.flop / seconds);
    bytes.push_back(cost.bytes / seconds);
    seconds = cost.flop = cost.bytes = 0.0;
  }
  OpRate result() const {
    OpRate rate = op;
    const auto steps = static_cast<int64_t>(step_seconds.size());
    rate.calls = count / steps;
    rate.rows = rows / count;
    rate.seconds = median(step_seconds) / static_cast<double>(rate.calls);
    rate.flops_per_second = median(flops);
    rate.bytes_per_second = median(bytes);
    return rate;
  }
};

Calls& calls_of(const TraceEvent& event, std::vector<Calls>& all) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const Calls& calls) {
    return calls.op.op == event.op && calls.op.place == event.place;
  });
  if (found != all.end()) return *found;
  all.push_back({.op = {.op = event.op, .place = event.place}});
  return all.back();
}

// Groups events by op and place. The event of a step follows those of its ops.
std::vector<Calls> by_op(const std::vector<TraceEvent>& events, const std::string& wanted) {
  std::vector<Calls> all;
  for (const TraceEvent& event : events) {
    if (std::string_view(event.op) == kStep) {
      for (Calls& calls : all) calls.end_step();
      continue;
    }
    const bool known = std::find(kOps.begin(), kOps.end(), event.op) != kOps.end();
    if (known && (wanted.empty() || wanted == event.op)) calls_of(event, all).add(event);
  }
  return all;
}

double share_of(const OpRate& op, const Ceiling& ceiling) {
  if (op.flops_per_second == 0.0) return 0.0;
  const bool backward = op.op.ends_with("_backward");
  return op.flops_per_second / (backward ? ceiling.backward_mean() : ceiling.forward);
}

}  // namespace

OpsBench bench_ops(const BenchOpsOptions& options) {
  check_options(options.train);
  const WithThreads threads(options.train.compute.threads);
  require_op(options.op);
  BenchModel bench = find_bench_model(options.train.work);
  bench.config.num_hidden_layers = std::min(bench.config.num_hidden_layers, kLayers);
  BenchTraining training(options.train, bench.config, Profiling::kEvents);
  OpsBench result{.machine = describe_machine(*training.chosen().engine),
                  .model = bench.name,
                  .data = training.windows().source};
  log_info("{}: {} steps of {} layers on {}", result.model, options.train.steps,
           bench.config.num_hidden_layers, result.machine.description);
  CeilingProbe probe = training.make_probe();
  for (int64_t step = 0; step < kOpWarmUpSteps; ++step) training.run_step();
  probe.measure(kCeilingRounds);
  for (int64_t step = 0; step < options.train.steps; ++step) {
    training.recorder().set_recording(true);
    training.run_step();
    training.recorder().set_recording(false);
    probe.measure();
  }
  probe.measure(kCeilingRounds);
  result.ceiling = probe.medians();
  for (const Calls& calls : by_op(training.recorder().trace().events(), options.op)) {
    result.ops.push_back(calls.result());
    result.ops.back().ceiling_share = share_of(result.ops.back(), result.ceiling);
  }
  write_trace(training.chosen(), options.train.compute);
  return result;
}

}  // namespace bertune
