// SPDX-License-Identifier: Apache-2.0
// Training with options that leave the recipe of the task open, as the public Trainer completes
// them.
#pragma once

#include "train/loop.h"
#include "train/recipe.h"

namespace bertune {

inline TrainResult train_with_recipe(const TrainOptions& options, const TrainEvents& events = {}) {
  return train(with_recipe(options), events);
}

}  // namespace bertune
