// SPDX-License-Identifier: Apache-2.0
// Options that the task does not read are refused, because they would be ignored.
#pragma once

#include "bertune/options.h"
#include "bertune/requests.h"
#include "tasks/task.h"

namespace bertune {

// Throw Error{kUsage} that names an option which is not the default and which the task does not
// read, and the tasks that do; of an evaluation Error{kSystem} too, for a file that cannot be
// written when it is over.
void check_task_options(const TaskDescription& task, const TrainOptions& options);
void check_task_options(const TaskDescription& task, const EvaluateRequest& request);
void check_task_options(const TaskDescription& task, const ScoreRequest& request);
void check_task_options(const TaskDescription& task, const PredictRequest& request);

}  // namespace bertune
