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

std::vector<std::string> readers_of(const Option& of) {
  std::vector<std::string> tasks;
  for (const char* task : of.tasks) {
    if (task != nullptr) tasks.emplace_back(task);
  }
  return tasks;
}

template <typename Options>
void check(const TaskDescription& task, const Options& options) {
  for (const ListedOption& given : given_options(options)) {
    const std::vector<std::string> readers = readers_of(given.option);
    if (readers.empty()) continue;
    if (std::find(readers.begin(), readers.end(), task.name) != readers.end()) continue;
    throw Error(ErrorKind::kUsage,
                fmt::format("{} is {}, but {} does not use it", option(given.option.name),
                            given.value, task.name),
                fmt::format("omit it; it is for {}", fmt::join(readers, " and ")));
  }
}

}  // namespace

void check_task_options(const TaskDescription& task, const TrainOptions& options) {
  check(task, options);
}

void check_task_options(const TaskDescription& task, const EvaluateRequest& request) {
  check(task, request);
  const EvaluateFiles& files = request.files;
  for (const std::string* file : {&files.predictions, &files.nbest, &files.confusion}) {
    if (!file->empty()) require_writable_file(*file);
  }
}

void check_task_options(const TaskDescription& task, const ScoreRequest& request) {
  check(task, request);
}

void check_task_options(const TaskDescription& task, const PredictRequest& request) {
  check(task, request);
}

}  // namespace bertune
