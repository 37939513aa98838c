// SPDX-License-Identifier: Apache-2.0
// The command that goes on with a training run that was stopped.
#pragma once

#include <string>
#include <vector>

namespace bertune {

// `command_line` as a shell takes it, with --resume in place of whatever it says about resuming.
std::string resume_command(const std::vector<std::string>& command_line);

}  // namespace bertune
