// SPDX-License-Identifier: Apache-2.0
#include "model/optimizer.h"

#include <algorithm>
#include <cmath>

namespace bertune {

double scheduled_rate(const AdamWSettings& settings, int64_t step) {
  const auto total = static_cast<double>(settings.total_steps);
  const double warmup = std::floor(settings.warmup_ratio * total);
  const auto k = static_cast<double>(step);
  if (k < warmup) return settings.learning_rate * k / warmup;
  const double left = std::max(0.0, (total - k) / std::max(1.0, total - warmup));
  const double last = settings.final_learning_rate;
  return last + (settings.learning_rate - last) * left;
}

Optimizer::Optimizer(Model& model, Arena& arena, const AdamWSettings& settings)
    : model_(model), settings_(settings) {
  const DType dtype = model.engine().dtypes().parameter;
  arena.plan(moment1_, "optimizer", dtype, 1, model.list().size);
  arena.plan(moment2_, "optimizer", dtype, 1, model.list().size);
  arena.plan(squared_norm_, "optimizer", DType::kF64, 1, 1);
}

double Optimizer::gradient_norm() {
  double squared = 0.0;
  model_.engine().mark("norm", -1);
  model_.engine().squared_norm(model_.flat_gradients(), squared_norm_);
  model_.engine().download(squared_norm_, &squared);
  return std::sqrt(squared);
}

// Not in the constructor, because the copies have no memory before the arena is committed.
void Optimizer::list_segments() {
  for (const Parameter& parameter : model_.list().parameters) {
    if (!parameter.trained) continue;
    segments_.push_back({.offset = parameter.offset,
                         .size = parameter.size(),
                         .weight_decay = parameter.decay() ? settings_.weight_decay : 0.0,
                         .weight = model_.weight_copy(parameter)});
  }
}

AdamW Optimizer::next_update(double gradient_norm) const {
  const auto t = static_cast<double>(step_ + 1);
  const bool clip = settings_.max_grad_norm > 0, correct = settings_.bias_correction;
  return {.segments = segments_,
          .gradient = model_.flat_gradients(),
          .gradient_scale =
              clip ? std::min(1.0, settings_.max_grad_norm / (gradient_norm + 1e-6)) : 1.0,
          .learning_rate = learning_rate(),
          .beta1 = settings_.beta1,
          .beta2 = settings_.beta2,
          .epsilon = settings_.epsilon,
          .bias_correction1 = correct ? 1.0 - std::pow(settings_.beta1, t) : 1.0,
          .bias_correction2 = correct ? 1.0 - std::pow(settings_.beta2, t) : 1.0,
          .parameter = model_.flat_params(),
          .moment1 = moment1_,
          .moment2 = moment2_};
}

void Optimizer::update(double gradient_norm) {
  model_.engine().mark("update", -1);
  if (segments_.empty()) list_segments();
  model_.engine().adamw(next_update(gradient_norm));
  model_.pack_weights();
  model_.engine().zero(model_.flat_gradients());
  ++step_;
}

void Optimizer::skip() {
  model_.engine().zero(model_.flat_gradients());
  ++step_;
}

void Optimizer::save(std::span<float> moment1, std::span<float> moment2) const {
  download_floats(model_.engine(), moment1_, moment1);
  download_floats(model_.engine(), moment2_, moment2);
}

void Optimizer::load(std::span<const float> moment1, std::span<const float> moment2, int64_t step) {
  upload_floats(model_.engine(), moment1, moment1_);
  upload_floats(model_.engine(), moment2, moment2_);
  model_.engine().synchronize();
  step_ = step;
}

}  // namespace bertune
