// SPDX-License-Identifier: Apache-2.0
// Fills in a task's default training settings.
#pragma once

#include "bertune/options.h"

namespace bertune {

// `options` with unset fields taken from the task's recipe. Throws Error{kUsage} if the task is
// unknown.
TrainOptions with_recipe(TrainOptions options);

}  // namespace bertune
