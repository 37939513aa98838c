// SPDX-License-Identifier: Apache-2.0
// Checks options and requests once, where they enter the library. All other code relies on valid
// options.
#pragma once

#include "bertune/options.h"
#include "bertune/requests.h"

namespace bertune {

// Each throws Error{kUsage} with the option, its value and the valid range.
void check_options(const TrainOptions& options);  // all that training needs must be set
void check_values(const TrainOptions& options);   // options that only training needs may be unset
void check_options(const PredictorOptions& options);
void check_options(const EvaluateRequest& request);
void check_options(const ScoreRequest& request);
void check_options(const PredictRequest& request);
void check_options(const ComputeOptions& options);

}  // namespace bertune
