// SPDX-License-Identifier: Apache-2.0
#include "cli/tasks.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "bertune/tasks.h"
#include "cli/print_result.h"

namespace bertune {
namespace {

std::string describe(const TaskSummary& task) {
  const TaskExample& example = task.example;
  const Recipe& recipe = task.recipe;
  std::string text = task.name + " " + task.help;
  text += fmt::format("\n  example  bertune train --task {} --model {}", task.name, example.model);
  text += fmt::format("\n             --train-dataset {} --eval-dataset {}", example.train_dataset,
                      example.eval_dataset);
  text += fmt::format("\n           bertune predict --input \"{}\"", example.input);
  text +=
      fmt::format("\n  recipe   {} epochs, batch size {}, learning rate {} to {}", recipe.epochs,
                  recipe.batch_size, recipe.learning_rate, recipe.final_learning_rate);
  return text +
         fmt::format(", warm-up {}, {} tokens\n", recipe.warmup_ratio, recipe.max_seq_length);
}

}  // namespace

void add_tasks(CLI::App& app) {
  CLI::App& subcommand =
      *app.add_subcommand("tasks", "list the tasks, with data formats and an example of each");
  subcommand.callback([] {
    std::string text;
    for (const TaskSummary& task : tasks()) {
      text += (text.empty() ? "" : "\n") + describe(task);
    }
    print_result(text.substr(0, text.size() - 1));
  });
}

}  // namespace bertune
