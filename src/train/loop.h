// SPDX-License-Identifier: Apache-2.0
// The training loop, on one screen in loop.cc.
#pragma once

#include "bertune/options.h"
#include "bertune/training.h"

namespace bertune {

// Begins a run or, with options.start.resume or resume_from, resumes one: bit for bit as if it had
// never been interrupted. `options` are checked and complete (check_options, with_recipe). Throws
// Error; what was saved before stays.
TrainResult train(const TrainOptions& options, const TrainEvents& events = {});

}  // namespace bertune
