// SPDX-License-Identifier: Apache-2.0
#include "api/check_options.h"
#include "api/check_task_options.h"
#include "bertune/bertune.h"
#include "tasks/tasks.h"

namespace bertune {

Evaluation score(const ScoreRequest& request) {
  check_options(request);
  const std::unique_ptr<Task> task = make_task(request.task);
  check_task_options(task->description(), request);
  return {task->description().metric_name, task->score(request)};
}

}  // namespace bertune
