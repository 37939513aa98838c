// SPDX-License-Identifier: Apache-2.0
#include "tasks/tasks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/spelling.h"
#include "bertune/error.h"
#include "tasks/fill_mask/task.h"
#include "tasks/question_answering/task.h"
#include "tasks/text_classification/task.h"
#include "tasks/token_classification/task.h"

namespace bertune {
namespace {

std::vector<std::unique_ptr<Task>> all_tasks() {
  std::vector<std::unique_ptr<Task>> tasks;
  tasks.push_back(make_question_answering_task());
  tasks.push_back(make_text_classification_task());
  tasks.push_back(make_token_classification_task());
  tasks.push_back(make_fill_mask_task());
  return tasks;
}

}  // namespace

std::vector<std::string> task_names() {
  std::vector<std::string> names;
  for (const auto& task : all_tasks()) names.emplace_back(task->description().name);
  return names;
}

std::unique_ptr<Task> make_task(std::string_view name) {
  for (auto& task : all_tasks()) {
    if (task->description().name == name) return std::move(task);
  }
  const std::vector<std::string> names = task_names();
  throw Error(ErrorKind::kUsage, fmt::format("there is no task '{}'", name),
              fmt::format("did you mean {}? The tasks are {}", nearest_name(name, names),
                          fmt::join(names, ", ")));
}

}  // namespace bertune
