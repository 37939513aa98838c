// SPDX-License-Identifier: Apache-2.0
// The events of the training loop. Each observer does one thing: reports, the log, evaluations or
// checkpoints.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "train/step.h"

namespace bertune {

struct StepDone {
  StepResult result;
  int64_t step = 0;  // in the run, from 1
  int64_t windows = 0, tokens = 0;
};

// Any function may be empty.
struct Observer {
  std::function<void(int64_t epoch, int64_t first_step)> epoch_begins;  // both from 0
  std::function<void()> step_begins;
  std::function<void(const StepDone&)> step_done;
  std::function<void()> epoch_done;
};

// Calls one function of each observer, in order.
class Observers {
 public:
  explicit Observers(std::vector<Observer> observers) : observers_(std::move(observers)) {}

  template <typename Function, typename... Arguments>
  void notify(Function Observer::*function, const Arguments&... arguments) const {
    for (const Observer& observer : observers_) {
      if (observer.*function) (observer.*function)(arguments...);
    }
  }

 private:
  std::vector<Observer> observers_;
};

}  // namespace bertune
