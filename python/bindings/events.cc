// SPDX-License-Identifier: Apache-2.0
#include "bindings/events.h"

#include <string>
#include <utility>

#include "bindings/options.h"
#include "bindings/results.h"

namespace bertune {
namespace {

namespace py = pybind11;

// A busy Python thread may keep the GIL for 5 ms; asked twice a second, that is at most a hundredth
// of the time.
constexpr std::chrono::milliseconds kBetweenLooks(500);

py::dict table_dict(const SettingsTable& table) {
  py::dict dict;
  for (const auto& [name, value] : table) dict[py::str(name)] = value;
  return dict;
}

py::dict saved_dict(const std::filesystem::path& checkpoint) {
  py::dict dict;
  dict["checkpoint"] = to_python(checkpoint);
  return dict;
}

// `console` may be empty.
template <typename Report>
std::function<void(const Report&)> interruptible(std::function<void(const Report&)> console) {
  return [console = std::move(console), watch = SignalWatch()](const Report& report) mutable {
    if (console) console(report);
    if (const auto raised = watch.raised()) throw *raised;
  };
}

}  // namespace

// `callback` stays where it is, so that no reference is counted without the GIL.
template <typename Report>
std::function<void(const Report&)> PythonEvents::event(const py::object& callback,
                                                       std::function<void(const Report&)> console,
                                                       py::dict (*to_dict)(const Report&)) {
  if (callback.is_none()) return console;
  return [this, &callback, to_dict](const Report& report) {
    const py::gil_scoped_acquire gil;
    try {
      callback(to_dict(report));
    } catch (const py::error_already_set& raised) {
      if (!kept_) kept_ = raised;
    }
  };
}

std::optional<py::error_already_set> SignalWatch::raised() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_ < kBetweenLooks) return {};
  looked_ = now;
  const py::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() == 0) return {};
  return py::error_already_set();
}

FetchSink interruptible_fetching() { return interruptible(console_fetching()); }

EvaluateSink interruptible_evaluating() { return interruptible(console_evaluating()); }

PythonEvents::PythonEvents(Callbacks callbacks, TrainEvents console)
    : callbacks_(std::move(callbacks)), console_(std::move(console)) {}

TrainEvents PythonEvents::events() {
  const auto started = event<SettingsTable>(callbacks_.started, console_.started, table_dict);
  return {.fetching = interruptible_fetching(),
          .started =
              [this, started](const SettingsTable& table) {
                if (started) started(table);
                raise_kept();
              },
          .step = event<StepReport>(callbacks_.step, console_.step, to_dict<StepReport>),
          .epoch = event<EpochReport>(callbacks_.epoch, console_.epoch, to_dict<EpochReport>),
          .saved = event<std::filesystem::path>(callbacks_.saved, console_.saved, saved_dict),
          .evaluating = console_.evaluating,
          .evaluated = console_.evaluated,
          .profiled = console_.profiled,
          .stop = [this] { return must_stop(); }};
}

bool PythonEvents::must_stop() {
  if (!kept_) kept_ = signals_.raised();
  return kept_.has_value();
}

void PythonEvents::raise_kept() const {
  if (kept_) throw *kept_;
}

}  // namespace bertune
