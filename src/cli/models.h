// SPDX-License-Identifier: Apache-2.0
// bertune models and bertune pull: which models there are by name, and fetching one beforehand.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_models(CLI::App& app);

}  // namespace bertune
