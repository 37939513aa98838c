// SPDX-License-Identifier: Apache-2.0
// One training step: gradients of some windows, their norm, one update. Used by the training loop
// and by its benchmark. Each pass and the update are jobs of the compute thread, so that the passes
// of others run in between.
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
  double learning_rate = 0.0;  // used by this step

  bool is_finite() const { return std::isfinite(loss) && std::isfinite(gradient_norm); }
};

class TrainingStep {
 public:
  // Keeps references; the caller owns all arguments.
  TrainingStep(const WindowSet& windows, const Schedule& schedule, TaskModel& model,
               Optimizer& optimizer);

  // If the loss or the gradient norm is not finite, skips the update and keeps the gradients.
  StepResult run(std::span<const int32_t> windows);

 private:
  double accumulate(std::span<const int32_t> windows);
  void update(StepResult& result);

  const WindowSet& windows_;
  const Schedule& schedule_;
  TaskModel& model_;
  Optimizer& optimizer_;
  Batch batch_;  // reused by every step
};

}  // namespace bertune
