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

// Events for a training run without the GIL, which they take for as long as Python runs. An event
// without a callback goes to `console`, whose functions may be empty. An exception of a callback
// once steps are made, or Ctrl-C, asks the run to stop, so that nothing is lost, and is kept. The
// object outlives the run.
class PythonEvents {
 public:
  // `callbacks` has a callable or None for each event, by the name of Trainer.train's keyword.
  PythonEvents(const pybind11::dict& callbacks, TrainEvents console);

  TrainEvents events();
  void raise_kept() const;  // after the run, with the GIL

 private:
  // The event of that callback, with its report as `to_python` makes it; else `console`.
  template <typename Report, typename ToPython>
  std::function<void(const Report&)> event(const char* callback,
                                           std::function<void(const Report&)> console,
                                           ToPython to_python);
  // Runs Python's code; the first exception is kept.
  template <typename Work>
  void call(const Work& work);
  bool must_stop();

  pybind11::dict callbacks_;
  TrainEvents console_;
  SignalWatch signals_;
  std::optional<pybind11::error_already_set> kept_;  // the first exception
};

}  // namespace bertune
