// SPDX-License-Identifier: Apache-2.0
#include "bench/infer.h"

#include <algorithm>
#include <numeric>

#include "base/compute_thread.h"
#include "base/log.h"
#include "base/statistics.h"
#include "base/stopwatch.h"
#include "batch/batch.h"
#include "bench/report.h"
#include "bench/work.h"
#include "engine/devices.h"
#include "model/heads/heads.h"
#include "predict/passes.h"
#include "train/schedule.h"

namespace bertune {
namespace {

constexpr int32_t kLatencyTokens[] = {16, 40, 128, 384, 512};
constexpr int64_t kLatencyWarmUpRuns = 5;
constexpr int64_t kLatencyRuns = 50;     // at least
constexpr double kLatencySeconds = 2.0;  // at least

// `count` windows spread evenly over the set, in its order; 0: all.
void thin_out(WindowSet& set, int64_t count) {
  const auto all = static_cast<int64_t>(set.windows.size());
  if (count == 0 || count >= all) return;
  std::vector<Window> kept;
  for (int64_t i = 0; i < count; ++i) kept.push_back(set.windows[i * all / count]);
  set.windows = std::move(kept);
  set.targets.clear();
  set.targets_per_window = 0;
}

std::vector<int32_t> all_of(const WindowSet& set) {
  std::vector<int32_t> all(set.windows.size());
  std::iota(all.begin(), all.end(), 0);
  return all;
}

void measure_throughput(const BenchInferOptions& options, const BertConfig& config,
                        const WindowSet& set, TaskModel& model, const Capacity& capacity,
                        InferBench& result) {
  const auto run = [&] { infer(model, capacity, set, [](int32_t, std::span<const float>) {}); };
  CeilingProbe probe =
      make_ceiling_probe(model.model().engine(), product_shapes(config), CeilingKind::kInference);
  run();
  std::vector<double> seconds;
  for (int64_t round = 0; round < options.rounds; ++round) {
    probe.measure(kCeilingRounds);
    const Stopwatch watch;
    run();
    seconds.push_back(watch.seconds());
  }
  probe.measure(kCeilingRounds);
  const Work work = count_work(config, set, all_of(set));
  result.windows = work.windows;
  result.windows_per_second = static_cast<double>(work.windows) / median(seconds);
  result.tokens_per_second = static_cast<double>(work.tokens) / median(seconds);
  result.flops_per_second = work.inference_flop / median(seconds);
  result.ceiling = probe.medians();
}

Latency measure_latency(const WindowSet& set, int32_t window, TaskModel& model) {
  Batch batch;
  std::vector<float> logits;
  const auto run = [&] {
    const Stopwatch watch;
    pack(set, std::span(&window, 1), batch);
    on_compute_thread([&] { model.logits(batch, logits); });
    return watch.seconds();
  };
  for (int64_t i = 0; i < kLatencyWarmUpRuns; ++i) run();
  std::vector<double> seconds;
  const Stopwatch watch;
  while (static_cast<int64_t>(seconds.size()) < kLatencyRuns || watch.seconds() < kLatencySeconds) {
    seconds.push_back(run());
  }
  return {.tokens = set.windows[window].length(),
          .runs = static_cast<int64_t>(seconds.size()),
          .median_seconds = median(seconds),
          .p99_seconds = quantile(seconds, 0.99)};
}

}  // namespace

InferBench bench_infer(const BenchInferOptions& options) {
  check_options(options);
  const WithThreads threads(options.compute.threads);
  const BenchModel bench = find_bench_model(options.work);
  const ChosenEngine chosen = make_engine(options.compute);
  BenchWindows windows = bench_windows(options.work, bench.config);
  thin_out(windows.set, options.windows);
  std::vector<int32_t> lengths;
  for (const int32_t tokens : kLatencyTokens) {
    if (options.latency && tokens <= bench.config.max_position_embeddings)
      lengths.push_back(tokens);
  }
  const WindowSet single = make_windows_of_lengths(lengths, bench.config);

  const Capacity throughput = inference_capacity(options.compute, windows.set);
  const Capacity capacity = at_least(throughput, longest_window(single));
  TaskModel model(*chosen.engine, bench.config, HeadKind::kQuestionAnswering, Purpose::kInference,
                  capacity);
  on_compute_thread([&] {
    model.arena().commit();
    model.model().load(bench_weights(options.work, bench.config, model.model().list(), kBenchSeed));
  });

  InferBench result{
      .machine = describe_machine(*chosen.engine), .model = bench.name, .data = windows.source};
  log_info("{}", result.machine.description);
  measure_throughput(options, bench.config, windows.set, model, throughput, result);
  for (int32_t window = 0; window < static_cast<int32_t>(lengths.size()); ++window) {
    result.latency.push_back(measure_latency(single, window, model));
  }
  write_trace(chosen, options.compute);
  return result;
}

}  // namespace bertune
