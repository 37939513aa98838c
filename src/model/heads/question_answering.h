// SPDX-License-Identifier: Apache-2.0
// The question answering head: a start and an end logit for every token [rows, 2]. The loss is the
// cross-entropy of each over the rows of a window. BERT has no dropout here,
// DistilBERT has.
#pragma once

#include "model/heads/head.h"

namespace bertune {

inline constexpr const char* kQaOutputs = "qa_outputs";  // the linear map that outputs both logits

const Head& question_answering_head();

}  // namespace bertune
