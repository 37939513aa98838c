// SPDX-License-Identifier: Apache-2.0
// AdamW over all parameters of a model, with gradient clipping and a linear learning rate schedule.
// Formulas are in docs/math.md; the order of operations and the bias correction are PyTorch's.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/arena.h"
#include "model/model.h"

namespace bertune {

struct AdamWSettings {
  double learning_rate = 3e-5;  // the peak
  double final_learning_rate = 0.0;
  double warmup_ratio = 0.1;
  int64_t total_steps = 1;
  double weight_decay = 0.01;
  double max_grad_norm = 1.0;  // 0: no clipping
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  bool bias_correction = true;
};

// The learning rate of update `step` (from 0). It rises linearly from 0 over the first W =
// int(warmup_ratio * T) updates, then falls linearly to the final learning rate at T.
double scheduled_rate(const AdamWSettings& settings, int64_t step);

class Optimizer {
 public:
  Optimizer(Model& model, Arena& arena, const AdamWSettings& settings);
  Optimizer(const Optimizer&) = delete;  // the arena points into it until it is committed
  Optimizer& operator=(const Optimizer&) = delete;

  // The global norm of all gradients. Waits for the engine.
  double gradient_norm();
  // Performs one update with gradients of that norm, then zeroes them for the next step.
  void update(double gradient_norm);

  // Skips a step: its gradients are dropped, and the schedule advances.
  void skip();

  // Copies the moments to or from host memory laid out by the model's list; load also sets the
  // number of updates done.
  void save(std::span<float> moment1, std::span<float> moment2) const;
  void load(std::span<const float> moment1, std::span<const float> moment2, int64_t step);

  int64_t step() const { return step_; }  // updates done or skipped
  double learning_rate() const { return scheduled_rate(settings_, step_); }  // of the next update

 private:
  void list_segments();
  AdamW next_update(double gradient_norm) const;

  Model& model_;
  AdamWSettings settings_;
  int64_t step_ = 0;
  Tensor moment1_, moment2_;            // [1, list.size]
  Tensor squared_norm_;                 // [1, 1] kF64
  std::vector<AdamWSegment> segments_;  // the trained parameters; listed at the first update
};

}  // namespace bertune
