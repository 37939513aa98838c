// SPDX-License-Identifier: Apache-2.0
// One step of training: the gradients of a few windows, their norm, one update. The training loop
// and the benchmark of it take the same steps.
#pragma once

#include <cmath>
#include <cstdint>
#include <span>

#include "batch/batch.h"
#include "batch/window.h"
#include "model/optimizer.h"
#include "model/task_model.h"
#include "train/schedule.h"

namespace bertune {

struct StepResult {
  double loss = 0.0;           // mean over the targets of the windows
  double gradient_norm = 0.0;  // before clipping
  double learning_rate = 0.0;  // that this step used

  bool is_finite() const { return std::isfinite(loss) && std::isfinite(gradient_norm); }
};

class TrainingStep {
 public:
  // Everything stays the caller's.
  TrainingStep(const WindowSet& windows, const Schedule& schedule, TaskModel& model,
               Optimizer& optimizer);

  // When loss or norm is not finite there is no update, and the gradients stay.
  StepResult run(std::span<const int32_t> windows);

 private:
  double accumulate(std::span<const int32_t> windows);

  const WindowSet& windows_;
  const Schedule& schedule_;
  TaskModel& model_;
  Optimizer& optimizer_;
  Batch batch_;  // its memory is used again by every step
};

}  // namespace bertune
