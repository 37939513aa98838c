// SPDX-License-Identifier: Apache-2.0
#include "bertune/inputs.h"

#include "predict/inputs_json.h"
#include "tasks/tasks.h"

namespace bertune {

struct InputReader::State {
  std::unique_ptr<Task> task;
  InputLines lines;

  State(const std::string& file, const std::string& name)
      : task(make_task(name)), lines(file, *task) {}
};

InputReader::InputReader(const std::string& file, const std::string& task)
    : state_(std::make_unique<State>(file, task)) {}

InputReader::InputReader(InputReader&&) noexcept = default;
InputReader& InputReader::operator=(InputReader&&) noexcept = default;
InputReader::~InputReader() = default;

std::vector<Input> InputReader::next(size_t count) { return state_->lines.next(count); }

}  // namespace bertune
