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
  const Recipe& recipe = task.recipe;
  return fmt::format(
      "{} {}\n  recipe   {} epochs, batch size {}, learning rate {} to {}, warm-up {}, {} tokens\n",
      task.name, task.help, recipe.epochs, recipe.batch_size, recipe.learning_rate,
      recipe.final_learning_rate, recipe.warmup_ratio, recipe.max_seq_length);
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
