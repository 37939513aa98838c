// SPDX-License-Identifier: Apache-2.0
#include "base/control_groups.h"

#include <fstream>

namespace bertune {
namespace {

namespace fs = std::filesystem;

void add_with_those_above(const fs::path& top, fs::path group, bool version2,
                          std::vector<ControlGroup>& groups) {
  for (;; group = group.parent_path()) {
    groups.push_back({top / group.relative_path(), version2});
    if (!group.has_relative_path()) return;
  }
}

}  // namespace

std::vector<ControlGroup> control_groups(const std::string& controller, const fs::path& root) {
  std::vector<ControlGroup> groups;
  std::ifstream file(root / "proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {  // number:controllers:/path
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const fs::path group = line.substr(second + 1), top = root / "sys/fs/cgroup";
    if (controllers == ",,") add_with_those_above(top, group, true, groups);
    if (controllers.find("," + controller + ",") != controllers.npos)
      add_with_those_above(top / controller, group, false, groups);
  }
  return groups;
}

}  // namespace bertune
