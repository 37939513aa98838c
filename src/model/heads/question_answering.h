// SPDX-License-Identifier: Apache-2.0
// The head of question answering: a start and an end logit for every token [rows, 2], and their
// cross-entropy over the rows of each window. It has no dropout.
#pragma once

#include "model/heads/head.h"

namespace bertune {

inline constexpr const char* kQaOutputs = "qa_outputs";  // the linear map that gives both

const Head& question_answering_head();

}  // namespace bertune
