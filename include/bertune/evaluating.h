// SPDX-License-Identifier: Apache-2.0
// What is told while a data set is answered.
#pragma once

#include <cstdint>
#include <functional>

namespace bertune {

struct EvaluateProgress {
  int64_t windows = 0;  // answered so far; how many there will be is not known, because data stream

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("windows", self.windows);
  }
};

// Called on the calling thread after every window. What it throws ends the evaluation and reaches
// the caller.
using EvaluateSink = std::function<void(const EvaluateProgress&)>;

// A line on standard error, refreshed; nothing where that is no terminal.
EvaluateSink console_evaluating();

}  // namespace bertune
