// SPDX-License-Identifier: Apache-2.0
// bertune export: writes a model for other programs.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_export(CLI::App& app);

}  // namespace bertune
