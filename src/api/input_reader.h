// SPDX-License-Identifier: Apache-2.0
// What an InputReader holds: JSON lines, or the rows of a table.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "bertune/inputs.h"
#include "predict/inputs_json.h"
#include "predict/inputs_table.h"
#include "tasks/task.h"

namespace bertune {

struct InputReader::State {
  std::unique_ptr<Task> task;
  std::optional<InputLines> lines;  // one of the two
  std::optional<InputRows> rows;

  // `reading`: of the model for which inputs are read.
  State(const std::string& file, const std::string& name, const Reading& reading);
};

}  // namespace bertune
