// SPDX-License-Identifier: Apache-2.0
// Masked language modelling: training on raw text, and predictions for [MASK]. The rules are in
// docs/tasks.md.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace bertune {

std::unique_ptr<Task> make_fill_mask_task();

}  // namespace bertune
