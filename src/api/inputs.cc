// SPDX-License-Identifier: Apache-2.0
#include "bertune/inputs.h"

#include "api/input_reader.h"
#include "tasks/tasks.h"

namespace bertune {

InputReader::State::State(const std::string& file, const std::string& name, const Reading& reading)
    : task(make_task(name)) {
  if (TextRows::is_table(file)) {
    rows.emplace(file, *task, reading);
  } else {
    lines.emplace(file, *task);
  }
}

InputReader::InputReader(const std::string& file, const std::string& task)
    : state_(std::make_unique<State>(file, task, Reading{.text_pairs = true})) {}

InputReader::InputReader(std::unique_ptr<State> state) : state_(std::move(state)) {}

InputReader::InputReader(InputReader&&) noexcept = default;
InputReader& InputReader::operator=(InputReader&&) noexcept = default;
InputReader::~InputReader() = default;

std::vector<Input> InputReader::next(size_t count) {
  return state_->rows ? state_->rows->next(count) : state_->lines->next(count);
}

}  // namespace bertune
