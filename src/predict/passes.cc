// SPDX-License-Identifier: Apache-2.0
#include "predict/passes.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "base/compute_thread.h"
#include "batch/batch.h"
#include "batch/loader.h"

namespace bertune {

Capacity inference_capacity(const ComputeOptions& compute, const WindowSet& set) {
  std::vector<int32_t> all(set.windows.size());
  std::iota(all.begin(), all.end(), 0);
  const int64_t tokens = std::min(compute.token_budget, count_tokens(set, all));
  return at_least(longest_window(set), {tokens, tokens});
}

void infer(TaskModel& model, const Capacity& capacity, const WindowSet& set,
           const LogitsSink& sink) {
  std::vector<int32_t> order(set.windows.size());
  std::iota(order.begin(), order.end(), 0);
  Batch batch;
  std::vector<float> logits;
  Engine& engine = model.model().engine();
  int64_t pass = 0;
  for (const auto part : split_by_budget(set, order, capacity.windows, capacity.rows)) {
    pack(set, part, batch);
    on_compute_thread([&] {
      engine.mark(kStep, pass++);
      model.logits(batch, logits);
      engine.mark(kBetweenSteps, -1);
    });
    for (int32_t w = 0; w < batch.size(); ++w) {
      sink(batch.windows[w], logits_of_window(model.model().head(), batch, logits, w));
    }
  }
}

Infer with_progress(const Infer& infer, EvaluateSink sink) {
  if (!sink) return infer;
  return [&infer, sink = std::move(sink), progress = EvaluateProgress()](
             const WindowSet& set, const LogitsSink& decode) mutable {
    infer(set, [&](int32_t window, std::span<const float> logits) {
      decode(window, logits);
      ++progress.windows;
      sink(progress);
    });
  };
}

}  // namespace bertune
