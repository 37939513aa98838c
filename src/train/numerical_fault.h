// SPDX-License-Identifier: Apache-2.0
// A step whose loss or gradient is not finite: what is to be told about it, so that it can be found
// out why.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bertune/options.h"
#include "model/model.h"
#include "model/optimizer.h"
#include "train/step.h"

namespace bertune {

struct NumericalFault {
  int64_t step = 0;  // from 1
  double loss = 0.0, gradient_norm = 0.0;
  std::string gradient;  // the first parameter, as the backward pass comes to them, whose gradient
                         // is not finite; empty: there is none
  std::string weight;    // likewise, whose own values are not
  std::vector<std::string> examples;  // ids, one for each window of the step
};

// `examples` as above. To be called before the gradients are dropped.
NumericalFault diagnose(const Model& model, int64_t step, const StepResult& result,
                        std::vector<std::string> examples);

// Leaves the step out, aloud, when --skip-bad-steps asks for it and the weights are finite still.
// Else writes OUTPUT/numerical_fault.json and throws Error{kNumerical}. `skipped`: steps that were
// left out before, in this run.
void meet_fault(const NumericalFault& fault, const TrainOptions& options, int64_t skipped,
                Optimizer& optimizer);

}  // namespace bertune
