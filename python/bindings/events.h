// SPDX-License-Identifier: Apache-2.0
// Python callbacks and Ctrl-C as the events of a training run.
#pragma once

#include <pybind11/pybind11.h>

#include <chrono>
#include <functional>
#include <optional>

#include "bertune/training.h"

namespace bertune {

// Polls for an exception raised by Ctrl-C or another Python signal handler since the last poll, at
// most twice a second. Call without the GIL.
class SignalWatch {
 public:
  std::optional<pybind11::error_already_set> raised();

 private:
  std::chrono::steady_clock::time_point looked_;
};

// The console's progress while a model is downloaded or a dataset evaluated. Ctrl-C ends both.
FetchSink interruptible_fetching();
EvaluateSink interruptible_evaluating();

// Events for a training run that computes without the GIL; each callback acquires it while Python
// runs. An event without a callback goes to `console`, whose functions may be empty. Once steps are
// taken, an exception in a callback, or Ctrl-C, asks the run to stop, so that no progress is lost;
// the exception is stored for raise_kept(). The object must outlive the run.
class PythonEvents {
 public:
  // `callbacks` has a callable or None for each event, keyed by the keyword of Trainer.train.
  PythonEvents(const pybind11::dict& callbacks, TrainEvents console);

  TrainEvents events();
  void raise_kept() const;  // call after the run, with the GIL

 private:
  // An event that passes its report, converted by `to_python`, to the callback if there is one,
  // else to `console`.
  template <typename Report, typename ToPython>
  std::function<void(const Report&)> event(const char* callback,
                                           std::function<void(const Report&)> console,
                                           ToPython to_python);
  // Runs Python code and stores the first exception.
  template <typename Work>
  void call(const Work& work);
  bool must_stop(pybind11::handle should_stop);  // a callable or None

  pybind11::dict callbacks_;
  TrainEvents console_;
  SignalWatch signals_;
  std::optional<pybind11::error_already_set> kept_;  // the first exception
};

}  // namespace bertune
