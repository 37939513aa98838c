// SPDX-License-Identifier: Apache-2.0
// The head of question answering: a start and an end logit for every token [rows, 2], and their
// cross-entropy over the rows of each window. It has no dropout.
#pragma once

#include "model/heads/head.h"

namespace bertune {

Head question_answering_head();

}  // namespace bertune
