// SPDX-License-Identifier: Apache-2.0
// bertune train.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace bertune {

// `exit_code` is set when the subcommand has run: a run that a signal stopped ends with 128 and the
// signal's number, and prints how to resume it, which needs the whole command line.
void add_train(CLI::App& app, const std::vector<std::string>& command_line, int& exit_code);

}  // namespace bertune
