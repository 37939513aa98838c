// SPDX-License-Identifier: Apache-2.0
// Builds the command that resumes a stopped training run.
#pragma once

#include <string>
#include <vector>

namespace bertune {

// `command_line` quoted for a shell, with all flags about resuming replaced by --resume.
std::string resume_command(const std::vector<std::string>& command_line);

}  // namespace bertune
