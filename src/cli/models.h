// SPDX-License-Identifier: Apache-2.0
// bertune models: lists the available models. bertune pull: downloads one ahead of its use.
#pragma once

#include <CLI/CLI.hpp>

namespace bertune {

void add_models(CLI::App& app);

}  // namespace bertune
