// SPDX-License-Identifier: Apache-2.0
// Text classification: labels or numbers for single texts and pairs.
// The rules are in docs/tasks.md.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace bertune {

std::unique_ptr<Task> make_text_classification_task();

}  // namespace bertune
