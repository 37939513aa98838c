// SPDX-License-Identifier: Apache-2.0
// The door: options and requests are checked here, once; inside, a struct of options is valid.
#pragma once

#include "bertune/options.h"
#include "bertune/requests.h"

namespace bertune {

// Each throws Error{kUsage} that names the option, its value and what it may be.
void check_options(const TrainOptions& options);  // all that training needs
void check_values(const TrainOptions& options);   // what training needs may still be missing
void check_options(const PredictorOptions& options);
void check_options(const EvaluateRequest& request);
void check_options(const ScoreRequest& request);
void check_options(const PredictRequest& request);
void check_options(const ComputeOptions& options);

}  // namespace bertune
