// SPDX-License-Identifier: Apache-2.0
// Question answering: SQuAD files, answers as parts of the context, and the metrics of the official
// scripts. The rules are in docs/question_answering.md.
#pragma once

#include <memory>

#include "tasks/task.h"

namespace bertune {

std::unique_ptr<Task> make_question_answering_task();

}  // namespace bertune
