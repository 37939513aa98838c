// SPDX-License-Identifier: Apache-2.0
// Token classification: entities in texts.
// The rules are in docs/tasks.md.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace bertune {

std::unique_ptr<Task> make_token_classification_task();

}  // namespace bertune
