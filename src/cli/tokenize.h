// SPDX-License-Identifier: Apache-2.0
// bertune tokenize: splits texts into tokens; with --json, prints ids and offsets, one object per
// line.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_tokenize(CLI::App& app);

}  // namespace bertune
