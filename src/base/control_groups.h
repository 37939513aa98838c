// SPDX-License-Identifier: Apache-2.0
// The control groups of Linux that this process is in, which allow it less than the machine has.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bertune {

struct ControlGroup {
  std::filesystem::path folder;
  bool version2;
};

// Those of `controller` ("memory", "cpu"), of version 1 or 2, and the groups above them. Empty
// where the system has none. `root` is for tests.
std::vector<ControlGroup> control_groups(const std::string& controller,
                                         const std::filesystem::path& root = "/");

}  // namespace bertune
