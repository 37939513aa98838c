// SPDX-License-Identifier: Apache-2.0
#include "api/check_task_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/io.h"
#include "base/list_options.h"
#include "bertune/error.h"

namespace bertune {
namespace {

bool reads(const TaskDescription& task, const std::string& option) {
  return std::find(task.options.begin(), task.options.end(), option) != task.options.end();
}

std::vector<std::string> tasks_that_read(const std::string& option) {
  std::vector<std::string> tasks = task_names();
  std::erase_if(tasks, [&](const std::string& name) {
    return !reads(make_task(name)->description(), option);
  });
  return tasks;
}

std::string flag_of(std::string option) {
  std::replace(option.begin(), option.end(), '_', '-');
  return "--" + option;
}

// What no task names is read by all.
template <typename Options>
void check(const TaskDescription& task, const Options& options) {
  const auto given = list_settings(options), defaults = list_settings(Options{});
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string& option = given[i].first;
    if (given[i].second == defaults[i].second || reads(task, option)) continue;
    const std::vector<std::string> others = tasks_that_read(option);
    if (others.empty()) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is {}, but {} has no use for it", flag_of(option), given[i].second,
                            task.name),
                fmt::format("leave it out; it is for {}", fmt::join(others, " and ")));
  }
}

}  // namespace

void check_task_options(const TaskDescription& task, const TrainOptions& options) {
  check(task, options.text);
  check(task, options.data);
  check(task, options.answer);
}

void check_task_options(const TaskDescription& task, const EvaluateOptions& options) {
  check<EvaluateOptions>(task, options);
  for (const std::string* file : {&options.predictions, &options.nbest, &options.confusion}) {
    if (!file->empty()) require_writable_file(*file);
  }
}

void check_task_options(const TaskDescription& task, const PredictorOptions& options) {
  check(task, options.answer);
}

}  // namespace bertune
