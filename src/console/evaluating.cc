// SPDX-License-Identifier: Apache-2.0
// The progress line of an evaluation.
#include "bertune/evaluating.h"

#include <fmt/format.h>

#include <memory>

#include "base/stopwatch.h"
#include "console/terminal.h"

namespace bertune {

EvaluateSink console_evaluating() {
  if (!is_terminal()) return {};
  return [line = std::make_shared<RefreshedLine>(),
          watch = Stopwatch()](const EvaluateProgress& progress) mutable {
    constexpr double kShort = 0.1;  // seconds; a speed over less would be meaningless
    if (progress.windows == 1) watch = Stopwatch();
    if (!line->is_due() || watch.seconds() < kShort) return;
    line->draw(fmt::format("evaluated {} windows, {:.1f} windows/s", progress.windows,
                           static_cast<double>(progress.windows) / watch.seconds()));
  };
}

}  // namespace bertune
