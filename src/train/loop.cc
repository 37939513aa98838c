// SPDX-License-Identifier: Apache-2.0
#include "train/loop.h"

#include <cstdint>
#include <vector>

#include "base/compute_thread.h"
#include "batch/loader.h"
#include "formats/checkpoint/run_folder.h"
#include "train/observer.h"
#include "train/run.h"
#include "train/schedule.h"

namespace bertune {

TrainResult train(const TrainOptions& options, const TrainEvents& events) {
  const WithThreads threads(options.compute.threads);
  const OpenRunFolder output(options.output_dir);
  TrainingRun run(options, events);
  const Observers observers = run.observers();
  const Schedule& schedule = run.schedule();
  run.begin();
  for (int64_t epoch = run.state().epoch; epoch < schedule.epochs && !run.is_over(); ++epoch) {
    const std::vector<int32_t> order = shuffled_order(schedule.windows, schedule.seed, epoch);
    int64_t step = run.state().step - epoch * schedule.epoch_steps();
    observers.notify(&Observer::epoch_begins, epoch, step);
    for (; step < schedule.epoch_steps() && !run.is_over(); ++step) {
      observers.notify(&Observer::step_begins);
      observers.notify(&Observer::step_done, run.take_step(batch_of(schedule, order, step)));
    }
    if (step == schedule.epoch_steps()) observers.notify(&Observer::epoch_done);
  }
  return run.finish();
}

}  // namespace bertune
