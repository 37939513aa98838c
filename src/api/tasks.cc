// SPDX-License-Identifier: Apache-2.0
#include "bertune/tasks.h"

#include "tasks/tasks.h"

namespace bertune {
namespace {

TaskSummary summary_of(const TaskDescription& task) {
  return {.name = task.name,
          .help = task.help,
          .example = task.example,
          .metric_name = task.metric_name,
          .main_metric = task.main_metric,
          .top_k = task.top_k,
          .single_prediction = task.single_prediction,
          .recipe = task.recipe};
}

}  // namespace

std::vector<TaskSummary> tasks() {
  std::vector<TaskSummary> all;
  for (const std::string& name : task_names()) all.push_back(find_task(name));
  return all;
}

TaskSummary find_task(std::string_view name) { return summary_of(make_task(name)->description()); }

bool is_flat(const TaskSummary& task, std::optional<int64_t> top_k) {
  return task.single_prediction && top_k.value_or(task.top_k) == 1;
}

}  // namespace bertune
