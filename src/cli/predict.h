// SPDX-License-Identifier: Apache-2.0
// bertune predict: predictions for one input or for a file of them, which may be of any length: it
// is read, answered and handed over in parts.
#pragma once

#include <functional>

#include "bertune/fetch.h"
#include "bertune/options.h"
#include "bertune/results.h"

namespace bertune {

// Predictions for some more inputs, in order. `flat`: the task wants one list with the best of
// each.
using PredictionSink = std::function<void(const Predictions& part, bool flat)>;

// Throws Error; what was handed over before stays.
void predict(const PredictOptions& options, const PredictionSink& sink, const FetchSink& fetching);

}  // namespace bertune
