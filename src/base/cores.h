// SPDX-License-Identifier: Apache-2.0
// How many cores this process may use.
#pragma once

#include <filesystem>

namespace bertune {

// `processors`, or less where a control group gives this process the time of fewer (docker --cpus):
// more threads than that would wait for each other. A part of one counts as one. `root` is for
// tests.
int usable_cores(int processors, const std::filesystem::path& root = "/");

}  // namespace bertune
