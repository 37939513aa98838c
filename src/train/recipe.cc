// SPDX-License-Identifier: Apache-2.0
#include "train/recipe.h"

#include "tasks/tasks.h"

namespace bertune {

TrainOptions with_recipe(TrainOptions options) {
  const Recipe recipe = make_task(options.task)->description().recipe;
  const auto fill = [](auto& option, auto value) {
    if (!option) option = value;
  };
  fill(options.optimizer.epochs, recipe.epochs);
  fill(options.optimizer.batch_size, recipe.batch_size);
  fill(options.optimizer.learning_rate, recipe.learning_rate);
  fill(options.optimizer.final_learning_rate, recipe.final_learning_rate);
  fill(options.optimizer.warmup_ratio, recipe.warmup_ratio);
  fill(options.text.max_seq_length, recipe.max_seq_length);
  fill(options.text.doc_stride, recipe.doc_stride);
  return options;
}

}  // namespace bertune
