// SPDX-License-Identifier: Apache-2.0
#include "train/step.h"

#include "base/compute_thread.h"
#include "base/random.h"
#include "batch/loader.h"

namespace bertune {
namespace {

// The random streams of a seed.
constexpr uint64_t kDropoutStream = 1, kMaskingStream = 2;

}  // namespace

TrainingStep::TrainingStep(const WindowSet& windows, const Schedule& schedule, TaskModel& model,
                           Optimizer& optimizer)
    : windows_(windows), schedule_(schedule), model_(model), optimizer_(optimizer) {}

// Accumulates gradients of the mean loss over the targets of `windows`, in as many passes as the
// token budget requires. Returns the loss, or 0 if there are no targets.
double TrainingStep::accumulate(std::span<const int32_t> windows) {
  const auto key = [&](uint64_t stream) {
    return fold(fold(schedule_.seed, stream), static_cast<uint64_t>(optimizer_.step()));
  };
  pack(windows_, windows, batch_, key(kMaskingStream));
  const int64_t targets = count_targets(batch_);
  if (targets == 0) return 0.0;
  const double scale = 1.0 / static_cast<double>(targets);
  for (const auto part :
       split_by_budget(windows_, windows, schedule_.batch_size, schedule_.token_budget)) {
    pack(windows_, part, batch_, key(kMaskingStream));
    on_compute_thread([&] { model_.accumulate_gradients(batch_, scale, key(kDropoutStream)); });
  }
  return scale * model_.take_loss();
}

void TrainingStep::update(StepResult& result) {
  result.gradient_norm = optimizer_.gradient_norm();
  if (result.is_finite()) optimizer_.update(result.gradient_norm);
}

StepResult TrainingStep::run(std::span<const int32_t> windows) {
  Engine& engine = model_.model().engine();
  engine.mark(kStep, optimizer_.step());
  StepResult result;
  result.learning_rate = optimizer_.learning_rate();
  result.loss = accumulate(windows);
  on_compute_thread([&] { update(result); });
  engine.mark(kBetweenSteps, -1);
  return result;
}

}  // namespace bertune
