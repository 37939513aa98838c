// SPDX-License-Identifier: Apache-2.0
// The number of cores that this process may use: what the scheduler offers, limited by the CPU
// quota of its control groups.
#pragma once

#include <filesystem>

namespace bertune {

// Returns `processors`, or fewer where a control group's CPU quota (docker --cpus) is lower,
// because threads beyond the quota would only wait for each other. A fraction of a core counts as
// one. Tests pass their own `root`.
int usable_cores(int processors, const std::filesystem::path& root = "/");

}  // namespace bertune
