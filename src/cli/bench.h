// SPDX-License-Identifier: Apache-2.0
// bertune bench: the speed of training, inference and tokenization on this machine, as tables or
// JSON.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_bench(CLI::App& app);

}  // namespace bertune
