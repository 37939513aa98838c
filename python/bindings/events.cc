// SPDX-License-Identifier: Apache-2.0
#include "bindings/events.h"

#include <string>
#include <utility>

#include "bindings/options.h"
#include "bindings/results.h"

namespace bertune {
namespace {

namespace py = pybind11;

// A busy Python thread may hold the GIL for 5 ms. Polling twice a second costs at most a hundredth
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

struct EvaluatedStep {
  int64_t step;
  const Evaluation& evaluation;
};

py::dict evaluated_dict(const EvaluatedStep& evaluated) {
  py::dict dict = to_python(evaluated.evaluation);
  dict["step"] = evaluated.step;
  return dict;
}

py::dict profile_dict(const Profile& profile) {
  py::list rows;
  for (const ProfileRow& row : profile.rows) rows.append(to_dict(row));
  py::dict dict;
  dict["steps"] = profile.steps;
  dict["step_seconds"] = profile.step_seconds;
  dict["outside_ops"] = profile.outside_ops();
  dict["rows"] = rows;
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

template <typename Work>
void PythonEvents::call(const Work& work) {
  const py::gil_scoped_acquire gil;
  try {
    work();
  } catch (const py::error_already_set& raised) {
    if (!kept_) kept_ = raised;
  }
}

// The callback stays in the dict, so that no reference count changes without the GIL.
template <typename Report, typename ToPython>
std::function<void(const Report&)> PythonEvents::event(const char* callback,
                                                       std::function<void(const Report&)> console,
                                                       ToPython to_python) {
  const py::handle function = PyDict_GetItemString(callbacks_.ptr(), callback);
  if (function.is_none()) return console;
  return [this, function, to_python](const Report& report) {
    call([&] { function(to_python(report)); });
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

PythonEvents::PythonEvents(const py::dict& callbacks, TrainEvents console)
    : callbacks_(callbacks), console_(std::move(console)) {}

TrainEvents PythonEvents::events() {
  const auto started = event<SettingsTable>("on_start", console_.started, table_dict);
  const auto evaluated = event<EvaluatedStep>(
      "on_evaluate",
      [this](const EvaluatedStep& step) {
        if (console_.evaluated) console_.evaluated(step.step, step.evaluation);
      },
      evaluated_dict);
  const auto fetched = event<FetchProgress>("on_fetch", console_fetching(), to_dict<FetchProgress>);
  // Looked up here, because the run asks without the GIL.
  const py::handle should_stop = PyDict_GetItemString(callbacks_.ptr(), "should_stop");
  return {.fetching = interruptible<FetchProgress>([this, fetched](const FetchProgress& progress) {
            fetched(progress);
            raise_kept();
          }),
          .started =
              [this, started](const SettingsTable& table) {
                if (started) started(table);
                raise_kept();
              },
          .step = event<StepReport>("on_step", console_.step, to_dict<StepReport>),
          .epoch = event<EpochReport>("on_epoch", console_.epoch, to_dict<EpochReport>),
          .saved = event<std::filesystem::path>("on_save", console_.saved, saved_dict),
          .evaluating = event<EvaluateProgress>("on_evaluating", console_.evaluating,
                                                to_dict<EvaluateProgress>),
          .evaluated =
              [evaluated](int64_t step, const Evaluation& evaluation) {
                evaluated({step, evaluation});
              },
          .profiled = event<Profile>("on_profile", console_.profiled, profile_dict),
          .stop = [this, should_stop] { return must_stop(should_stop); }};
}

bool PythonEvents::must_stop(py::handle should_stop) {
  if (!kept_) kept_ = signals_.raised();
  if (kept_) return true;
  if (should_stop.is_none()) return false;
  bool stop = false;
  call([&] { stop = py::bool_(should_stop()); });
  return stop || kept_;
}

void PythonEvents::raise_kept() const {
  if (kept_) throw *kept_;
}

}  // namespace bertune
