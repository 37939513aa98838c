// SPDX-License-Identifier: Apache-2.0
// The settings of a task's recipe.
#pragma once

#include "bertune/options.h"

namespace bertune {

// The options with the recipe of their task where they give nothing. Throws Error{kUsage} for an
// unknown task.
TrainOptions with_recipe(TrainOptions options);

}  // namespace bertune
