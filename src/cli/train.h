// SPDX-License-Identifier: Apache-2.0
// bertune train: fine-tunes a model.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace bertune {

// Sets `exit_code` when the subcommand has run. If a signal stopped the run, the exit code is 128
// plus the signal's number, and the command to resume is printed, which needs the whole command
// line.
void add_train(CLI::App& app, const std::vector<std::string>& command_line, int& exit_code);

}  // namespace bertune
