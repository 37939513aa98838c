// SPDX-License-Identifier: Apache-2.0
// The Linux control groups of this process, which may grant it fewer resources than the machine
// has. Reads only /proc and /sys; memory.h and cores.h interpret the limits.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace bertune {

struct ControlGroup {
  std::filesystem::path folder;
  bool version2;
};

// The control groups of `controller` ("memory", "cpu") that contain this process, of version 1 or
// 2, innermost first and followed by their ancestors. Empty on a system without control groups.
// Tests pass their own `root`.
std::vector<ControlGroup> control_groups(const std::string& controller,
                                         const std::filesystem::path& root = "/");

}  // namespace bertune
