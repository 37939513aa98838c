// bertune evaluate: a checkpoint's answers to a data set, and their metrics.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bertune/options.h"
#include "tasks/squad_metrics.h"

namespace bertune {

// Names and values in the order of the official script. Writes the files that the options name.
// Throws Error.
Metrics evaluate(const EvaluateOptions& options);

}  // namespace bertune
