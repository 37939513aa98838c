// SPDX-License-Identifier: Apache-2.0
// bertune predict: predictions for one input, or for a file of any length.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_predict(CLI::App& app);

}  // namespace bertune
