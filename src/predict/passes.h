// SPDX-License-Identifier: Apache-2.0
// Windows through a model, several in one pass, and their logits out.
#pragma once

#include "batch/window.h"
#include "bertune/evaluating.h"
#include "bertune/options.h"
#include "model/capacity.h"
#include "model/task_model.h"
#include "tasks/task.h"

namespace bertune {

// Enough for passes of as many windows of `set` as the token budget allows.
Capacity inference_capacity(const ComputeOptions& compute, const WindowSet& set);

// Passes every window of `set`, in order, through the model, as many in one pass as the capacity
// allows, and hands over its logits. No window may be longer than capacity.rows.
void infer(TaskModel& model, const Capacity& capacity, const WindowSet& set,
           const LogitsSink& sink);

// `infer`, which must outlive it, and after every window `sink`, if that is not empty.
Infer with_progress(const Infer& infer, EvaluateSink sink);

}  // namespace bertune
