// SPDX-License-Identifier: Apache-2.0
// bertune evaluate: metrics of a model, or of a file of predictions.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_evaluate(CLI::App& app);

}  // namespace bertune
