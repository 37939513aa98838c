// SPDX-License-Identifier: Apache-2.0
// Handles a step whose loss or gradient is not finite: diagnoses the cause, then skips the step or
// ends training.
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
  std::string gradient;  // the first parameter, in the order of the backward pass, whose gradient
                         // is not finite; empty: none
  std::string weight;    // the first whose values are not finite; empty: none
  std::vector<std::string> examples;  // the example id of each window of the step
};

// `examples` as above. Call before the gradients are discarded.
NumericalFault diagnose(const Model& model, int64_t step, const StepResult& result,
                        std::vector<std::string> examples);

// With skip_bad_steps and finite weights, skips the step and logs a warning. Otherwise writes
// OUTPUT/numerical_fault.json and throws Error{kNumerical}. `skipped`: steps skipped earlier in
// this run.
void meet_fault(const NumericalFault& fault, const TrainOptions& options, int64_t skipped,
                Optimizer& optimizer);

}  // namespace bertune
