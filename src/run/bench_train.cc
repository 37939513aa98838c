// SPDX-License-Identifier: Apache-2.0
#include "run/bench_train.h"

#include <algorithm>
#include <span>
#include <vector>

#include "base/log.h"
#include "base/statistics.h"
#include "base/stopwatch.h"
#include "data/loader.h"
#include "model/optimizer.h"
#include "run/bench_work.h"
#include "run/schedule.h"
#include "run/setup.h"
#include "run/training_step.h"

namespace bertune {
namespace {

constexpr int64_t kWarmUpSteps = 3;
constexpr int64_t kProfiledSteps = 5;
constexpr int kCeilingRounds = 5;  // before the steps, and again after them; one with each step

struct Samples {
  std::vector<double> seconds, tokens_per_second, flops_per_second;  // [steps]
};

// The steps that training would take with this order, again and again.
class Steps {
 public:
  Steps(const WindowSet& set, const Schedule& schedule, TrainingStep& step)
      : schedule_(schedule),
        step_(step),
        order_(shuffled_order(static_cast<int64_t>(set.windows.size()), schedule.seed, 0)) {}

  std::span<const int32_t> run() {
    const auto windows = batch_of(schedule_, order_, next_++ % schedule_.epoch_steps());
    step_.run(windows);
    return windows;
  }

 private:
  const Schedule& schedule_;
  TrainingStep& step_;
  std::vector<int32_t> order_;
  int64_t next_ = 0;
};

Samples measure(const BertConfig& config, const WindowSet& set, int64_t count, Steps& steps,
                CeilingProbe& probe) {
  for (int64_t step = 0; step < kWarmUpSteps; ++step) steps.run();
  probe.measure(kCeilingRounds);
  Samples samples;
  for (int64_t step = 0; step < count; ++step) {
    const Stopwatch watch;
    const auto windows = steps.run();
    const double seconds = watch.seconds();
    const Work work = count_work(config, set, windows);
    samples.seconds.push_back(seconds);
    samples.tokens_per_second.push_back(static_cast<double>(work.tokens) / seconds);
    samples.flops_per_second.push_back(work.training_flop / seconds);
    probe.measure();
  }
  probe.measure(kCeilingRounds);
  return samples;
}

// A step at a time, until they are as many as were asked for or enough to tell where time goes.
void profile(TraceEngine& trace, int64_t count, Steps& steps) {
  trace.set_recording(true);
  for (int64_t step = 0; step < std::min(count, kProfiledSteps); ++step) steps.run();
  trace.set_recording(false);
}

double mean_tokens(const WindowSet& set) {
  int64_t tokens = 0;
  for (const Window& window : set.windows) tokens += window.length();
  return static_cast<double>(tokens) / static_cast<double>(set.windows.size());
}

}  // namespace

TrainBench bench_train(const BenchTrainOptions& options) {
  check_options(options);
  BenchModel bench = find_bench_model(options.work);
  bench.config.hidden_dropout_prob = bench.config.attention_probs_dropout_prob = options.dropout;
  const ChosenEngine chosen = make_engine(options.compute, Profiling::kOn);
  chosen.trace->set_recording(false);
  const BenchWindows windows = bench_windows(options.work, bench.config, SquadPurpose::kTrain);
  const Schedule schedule{.windows = static_cast<int64_t>(windows.set.windows.size()),
                          .batch_size = options.batch_size,
                          .epochs = 1,
                          .token_budget = options.compute.token_budget,
                          .seed = static_cast<uint64_t>(options.seed)};
  const Capacity capacity = largest_part(windows.set, schedule);
  QuestionAnsweringModel model(*chosen.engine, bench.config, Purpose::kTraining, capacity);
  Optimizer optimizer(model.model(), model.arena(), {.total_steps = 1 << 20});
  reserve_products(*chosen.engine, bench.config, capacity.rows);
  model.arena().commit();
  model.model().load(
      bench_weights(options.work, bench.config, model.model().list(), schedule.seed));

  TrainingStep training_step(windows.set, schedule, model, optimizer);
  Steps steps(windows.set, schedule, training_step);
  TrainBench result{.machine = describe_machine(*chosen.engine),
                    .model = bench.name,
                    .data = windows.source,
                    .steps = options.steps,
                    .batch_size = options.batch_size,
                    .tokens_per_window = mean_tokens(windows.set)};
  log_info("{}; {} steps", result.machine.description, options.steps);
  CeilingProbe probe(result.machine.precision == "bf16", product_shapes(bench.config),
                     CeilingKind::kTraining);
  const Samples samples = measure(bench.config, windows.set, options.steps, steps, probe);
  result.median_step_seconds = median(samples.seconds);
  result.tokens_per_second = median(samples.tokens_per_second);
  result.windows_per_second = result.tokens_per_second / result.tokens_per_window;
  result.flops_per_second = median(samples.flops_per_second);
  result.ceiling = probe.medians();
  profile(*chosen.trace, options.steps, steps);
  result.profile = chosen.trace->trace().profile();
  write_trace(chosen, options.compute);
  return result;
}

}  // namespace bertune
