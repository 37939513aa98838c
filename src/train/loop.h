// SPDX-License-Identifier: Apache-2.0
// bertune train: fine-tunes a model on a task and writes checkpoints. The loop stands in train.cc
// on one screen.
#pragma once

#include "bertune/options.h"
#include "bertune/training.h"

namespace bertune {

// Begins a run or, with TrainOptions::resume or resume_from, goes on with one: bit for bit as if it
// had never been interrupted. Throws Error; what was saved before stays.
TrainResult train(const TrainOptions& options, const TrainEvents& events = {});

}  // namespace bertune
