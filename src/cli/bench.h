// SPDX-License-Identifier: Apache-2.0
// bertune bench: how fast this machine trains, answers and tokenizes, as tables or as JSON.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_bench(CLI::App& app);

}  // namespace bertune
