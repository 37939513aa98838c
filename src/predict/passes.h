// SPDX-License-Identifier: Apache-2.0
// Runs windows through a model, several per pass, and returns their logits. Only the passes run on
// the compute thread.
#pragma once

#include "batch/window.h"
#include "bertune/evaluating.h"
#include "bertune/options.h"
#include "model/capacity.h"
#include "model/task_model.h"
#include "tasks/task.h"

namespace bertune {

// The capacity for passes of as many windows of `set` as the token budget allows.
Capacity inference_capacity(const ComputeOptions& compute, const WindowSet& set);

// Runs the windows of `set` through the model in order, as many per pass as `capacity` allows, and
// passes the logits of each to `sink` on the calling thread. No window may be longer than
// capacity.rows. Several threads may share a model; their passes take turns.
void infer(TaskModel& model, const Capacity& capacity, const WindowSet& set,
           const LogitsSink& sink);

// Wraps `infer` to call `sink`, if not empty, after every window. `infer` must outlive the result.
Infer with_progress(const Infer& infer, EvaluateSink sink);

}  // namespace bertune
