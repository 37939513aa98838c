// SPDX-License-Identifier: Apache-2.0
#include "engine/recorder.h"

#include <string_view>

#include "engine/ops.h"

namespace bertune {

void Recorder::mark(const char* place, int64_t layer) {
  place_ = place;
  layer_ = layer;
  const std::string_view name = place;
  if (name == kStep) {
    in_step_ = recording_;
    step_ = {.op = kStep, .layer = layer, .begin = watch_.seconds()};
  } else if (name == kBetweenSteps && in_step_) {
    in_step_ = false;
    step_.seconds = watch_.seconds() - step_.begin;
    trace_.add_step(step_);
  }
}

void Recorder::end(const AnyOp& op) {
  const double seconds = watch_.seconds() - begin_;
  const TraceEvent event{.op = name_of(op),
                         .place = place_,
                         .layer = layer_,
                         .begin = begin_,
                         .seconds = seconds,
                         .cost = cost_of(op)};
  in_step_ ? trace_.add(event) : trace_.add_outside(event);
}

}  // namespace bertune
