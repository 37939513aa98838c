// SPDX-License-Identifier: Apache-2.0
// The training loop. It fits on one screen in loop.cc; run.h implements what it calls.
#pragma once

#include "bertune/options.h"
#include "bertune/training.h"

namespace bertune {

// Starts a run or, with options.start.resume or resume_from, resumes one bit for bit as if it had
// never been interrupted. `options` must be checked and complete (check_options, with_recipe).
// Throws Error; checkpoints that were complete by then are kept.
TrainResult train(const TrainOptions& options, const TrainEvents& events = {});

}  // namespace bertune
