// SPDX-License-Identifier: Apache-2.0
// Rejects options that the task does not read, because they would be silently ignored.
#pragma once

#include "bertune/options.h"
#include "bertune/requests.h"
#include "tasks/task.h"

namespace bertune {

// Throw Error{kUsage} for an option that is not the default and that the task does not read; the
// hint lists the tasks that read it. For an evaluation, also throw Error{kSystem} if a file that is
// written at its end cannot be written.
void check_task_options(const TaskDescription& task, const TrainOptions& options);
void check_task_options(const TaskDescription& task, const EvaluateRequest& request);
void check_task_options(const TaskDescription& task, const ScoreRequest& request);
void check_task_options(const TaskDescription& task, const PredictRequest& request);

}  // namespace bertune
