// SPDX-License-Identifier: Apache-2.0
// bertune tokenize: texts in, ids and offsets out, one JSON object a line.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_tokenize(CLI::App& app);

}  // namespace bertune
