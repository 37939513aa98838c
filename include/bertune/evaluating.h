// SPDX-License-Identifier: Apache-2.0
// Progress reports during the evaluation of a dataset.
#pragma once

#include <cstdint>
#include <functional>

namespace bertune {

struct EvaluateProgress {
  int64_t windows = 0;  // evaluated so far; the total is unknown because data is streamed

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("windows", self.windows);
  }
};

// Called on the calling thread after every window. An exception it throws ends the evaluation and
// propagates to the caller.
using EvaluateSink = std::function<void(const EvaluateProgress&)>;

// Draws a progress line on standard error, if that is a terminal.
EvaluateSink console_evaluating();

}  // namespace bertune
