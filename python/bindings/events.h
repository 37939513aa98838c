// SPDX-License-Identifier: Apache-2.0
// Python's callbacks, and its Ctrl-C, as the events of a training run.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <functional>
#include <optional>

#include "bertune/training.h"

namespace bertune {

// What Ctrl-C, or another signal handler of Python, raised since the last look, looked for twice a
// second. Called without the GIL.
class SignalWatch {
 public:
  std::optional<pybind11::error_already_set> raised();

 private:
  std::chrono::steady_clock::time_point looked_;
};

// The console's bar while a model is fetched or data are answered, and Ctrl-C, which ends it.
FetchSink interruptible_fetching();
EvaluateSink interruptible_evaluating();

// Each None or callable.
struct Callbacks {
  pybind11::object started, step, epoch, saved;
};

// Events for a training run without the GIL, which they take for as long as Python runs. An event
// without a callback goes to `console`, whose functions may be empty. An exception of a callback
// once steps are made, or Ctrl-C, asks the run to stop, so that nothing is lost, and is kept. The
// object outlives the run.
class PythonEvents {
 public:
  PythonEvents(Callbacks callbacks, TrainEvents console);

  TrainEvents events();
  void raise_kept() const;  // after the run, with the GIL

 private:
  template <typename Report>
  std::function<void(const Report&)> event(const pybind11::object& callback,
                                           std::function<void(const Report&)> console,
                                           pybind11::dict (*to_dict)(const Report&));
  bool must_stop();

  Callbacks callbacks_;
  TrainEvents console_;
  SignalWatch signals_;
  std::optional<pybind11::error_already_set> kept_;  // the first exception
};

}  // namespace bertune
