// bertune predict: answers to a few questions or to a file of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "bertune/options.h"
#include "tasks/question_answering.h"

namespace bertune {

// The best `top_k` answers of each input that the options name, in order; start and end count code
// points of the context as it was split off. Throws Error.
std::vector<std::vector<QaAnswer>> predict(const PredictOptions& options);

}  // namespace bertune
