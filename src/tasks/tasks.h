// SPDX-License-Identifier: Apache-2.0
// The registry of tasks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/task.h"

namespace bertune {

// The names of all tasks, in the order of the documentation.
std::vector<std::string> task_names();

// Throws Error{kUsage} that lists the tasks and names the nearest.
std::unique_ptr<Task> make_task(std::string_view name);

}  // namespace bertune
