// SPDX-License-Identifier: Apache-2.0
// Reports of a training run on standard error.
#include "bertune/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/log.h"
#include "console/table.h"
#include "console/terminal.h"
#include "predict/results_json.h"

namespace bertune {
namespace {

std::string step_line(const StepReport& report) {
  return fmt::format(
      "Epoch:[{:3}/{:3}], step:[{:5}/{:5}], loss:[{:.3f}/{:.3f}], time:{:.1f} ms, lr:{:.1e}, "
      "{:.1f} windows/s, {:.0f} tokens/s, left:{}",
      report.epoch, report.epochs, report.step, report.epoch_steps, report.loss, report.mean_loss,
      report.seconds * 1e3, report.learning_rate, report.windows_per_second,
      report.tokens_per_second, clock_time(report.seconds_left));
}

// One line for a terminal. The bar and the time left come first, because the line is cut at the
// terminal's width; a wrapped line could not be refreshed.
std::string terminal_line(const StepReport& report) {
  constexpr int kBar = 20;
  const int64_t done = (report.epoch - 1) * report.epoch_steps + report.step;
  const int filled = static_cast<int>(kBar * done / (report.epochs * report.epoch_steps));
  const std::string line =
      fmt::format("[{}{}] left:{} {}", std::string(filled, '#'), std::string(kBar - filled, '.'),
                  clock_time(report.seconds_left), step_line(report));
  return line.substr(0, terminal_width());
}

void print_table(const SettingsTable& table) {
  size_t width = 0;
  for (const auto& [name, value] : table) width = std::max(width, name.size());
  for (const auto& [name, value] : table) {
    print_stderr("  {:<{}}  {}\n", name, width, value);
  }
}

}  // namespace

TrainEvents console_events(int64_t log_steps) {
  const bool terminal = is_terminal();
  TrainEvents events;
  events.fetching = console_fetching();
  events.started = print_table;
  events.step = [=](const StepReport& report) {
    if (terminal) {
      print_stderr("\r\033[K{}", terminal_line(report));
    } else if (report.step % log_steps == 0 || report.step == report.epoch_steps) {
      print_stderr("{}\n", step_line(report));
    }
  };
  events.epoch = [=](const EpochReport& report) {
    print_stderr("{}Epoch:[{}/{}] took {}, {:.1f} ms a step, mean loss {:.4f}\n",
                 terminal ? "\n" : "", report.epoch, report.epochs, clock_time(report.seconds),
                 report.mean_step_seconds * 1e3, report.mean_loss);
  };
  events.saved = [=](const std::filesystem::path& path) {
    print_stderr("{}checkpoint saved: {}\n", clear_line(), path.string());
  };
  events.evaluating = console_evaluating();
  events.evaluated = [=](int64_t step, const Evaluation& evaluation) {
    print_stderr("{}step {}: {}\n", clear_line(), step, evaluation_line(evaluation));
  };
  events.profiled = [](const Profile& profile) {
    for (const std::string& line : profile_lines(profile)) print_stderr("{}\n", line);
  };
  return events;
}

}  // namespace bertune
