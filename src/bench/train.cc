// SPDX-License-Identifier: Apache-2.0
#include "bench/train.h"

#include <algorithm>
#include <vector>

#include "base/compute_thread.h"
#include "base/log.h"
#include "base/statistics.h"
#include "base/stopwatch.h"
#include "bench/report.h"
#include "bench/training.h"

namespace bertune {
namespace {

constexpr int64_t kWarmUpSteps = 3;
constexpr int64_t kProfiledSteps = 5;

struct Samples {
  std::vector<double> seconds, tokens_per_second, flops_per_second;  // [steps]
};

Samples measure(BenchTraining& training, int64_t steps, CeilingProbe& probe) {
  for (int64_t step = 0; step < kWarmUpSteps; ++step) training.run_step();
  probe.measure(kCeilingRounds);
  Samples samples;
  for (int64_t step = 0; step < steps; ++step) {
    const Stopwatch watch;
    const auto windows = training.run_step();
    const double seconds = watch.seconds();
    const Work work = count_work(training.config(), training.windows().set, windows);
    samples.seconds.push_back(seconds);
    samples.tokens_per_second.push_back(static_cast<double>(work.tokens) / seconds);
    samples.flops_per_second.push_back(work.training_flop / seconds);
    probe.measure();
  }
  probe.measure(kCeilingRounds);
  return samples;
}

Profile profile(BenchTraining& training, int64_t steps) {
  training.recorder().set_recording(true);
  for (int64_t step = 0; step < std::min(steps, kProfiledSteps); ++step) training.run_step();
  training.recorder().set_recording(false);
  return training.recorder().trace().profile();
}

double mean_tokens(const WindowSet& set) {
  int64_t tokens = 0;
  for (const Window& window : set.windows) tokens += window.length();
  return static_cast<double>(tokens) / static_cast<double>(set.windows.size());
}

}  // namespace

TrainBench bench_train(const BenchTrainOptions& options) {
  check_options(options);
  const WithThreads threads(options.compute.threads);
  const BenchModel bench = find_bench_model(options.work);
  BenchTraining training(options, bench.config, Profiling::kSums);
  TrainBench result{.machine = describe_machine(*training.chosen().engine),
                    .model = bench.name,
                    .data = training.windows().source,
                    .task = options.task,
                    .steps = options.steps,
                    .batch_size = training.batch_size(),
                    .tokens_per_window = mean_tokens(training.windows().set)};
  log_info("{}: {} steps on {}", result.model, options.steps, result.machine.description);
  CeilingProbe probe = training.make_probe();
  const Samples samples = measure(training, options.steps, probe);
  result.median_step_seconds = median(samples.seconds);
  result.tokens_per_second = median(samples.tokens_per_second);
  result.windows_per_second = result.tokens_per_second / result.tokens_per_window;
  result.flops_per_second = median(samples.flops_per_second);
  result.ceiling = probe.medians();
  result.profile = profile(training, options.steps);
  write_trace(training.chosen(), options.compute);
  return result;
}

}  // namespace bertune
