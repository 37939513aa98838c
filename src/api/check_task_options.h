// SPDX-License-Identifier: Apache-2.0
// Options that only some tasks read: given to another, they would be ignored in silence.
#pragma once

#include "bertune/options.h"
#include "tasks/task.h"

namespace bertune {

// Throw Error{kUsage} that names an option which is not as by default and which the task does not
// read, and the tasks that do; of an evaluation Error{kSystem} too, for a file that cannot be
// written when it is over.
void check_task_options(const TaskDescription& task, const TrainOptions& options);
void check_task_options(const TaskDescription& task, const EvaluateOptions& options);
void check_task_options(const TaskDescription& task, const PredictorOptions& options);

}  // namespace bertune
