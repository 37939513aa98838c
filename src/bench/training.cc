// SPDX-License-Identifier: Apache-2.0
#include "bench/training.h"

#include "base/check.h"
#include "base/compute_thread.h"
#include "batch/loader.h"
#include "tasks/tasks.h"

namespace bertune {
namespace {

BertConfig with_dropout(BertConfig config, double probability) {
  config.hidden_dropout_prob = config.attention_probs_dropout_prob = probability;
  return config;
}

Schedule schedule_of(const BenchTrainOptions& options, const WindowSet& set) {
  return {.windows = static_cast<int64_t>(set.windows.size()),
          .batch_size =
              options.batch_size.value_or(make_task(options.task)->description().recipe.batch_size),
          .epochs = 1,
          .token_budget = options.compute.token_budget,
          .seed = static_cast<uint64_t>(options.seed)};
}

}  // namespace

BenchTraining::BenchTraining(const BenchTrainOptions& options, const BertConfig& config,
                             Profiling profiling)
    : chosen_(make_engine(options.compute, profiling)),
      data_(bench_data(options, with_dropout(config, options.dropout))),
      schedule_(schedule_of(options, data_.windows.set)),
      capacity_(largest_part(data_.windows.set, schedule_)),
      model_(*chosen_.engine, data_.config, data_.head, Purpose::kTraining, capacity_,
             options.recompute ? Recompute::kOn : Recompute::kOff),
      optimizer_(model_.model(), model_.arena(), {.total_steps = 1 << 20}),
      step_(data_.windows.set, schedule_, model_, optimizer_),
      order_(shuffled_order(schedule_.windows, schedule_.seed, 0)) {
  recorder().set_recording(false);
  reserve_products(*chosen_.engine, data_.config, capacity_.rows);
  on_compute_thread([&] {
    model_.arena().commit();
    model_.model().load(
        bench_weights(options.work, data_.config, model_.model().list(), schedule_.seed));
  });
}

std::span<const int32_t> BenchTraining::run_step() {
  const auto windows = batch_of(schedule_, order_, next_++ % schedule_.epoch_steps());
  CHECK(step_.run(windows).is_finite());
  return windows;
}

CeilingProbe BenchTraining::make_probe() const {
  return make_ceiling_probe(*chosen_.engine, product_shapes(data_.config), CeilingKind::kTraining);
}

}  // namespace bertune
