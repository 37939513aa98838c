// SPDX-License-Identifier: Apache-2.0
#include "base/cores.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include "base/control_groups.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

// CPU time in microseconds, summed over all cores, that is allowed in each `period`. A value that
// is not positive, or not a number, means no limit.
struct Quota {
  double time = 0.0, period = 0.0;
};

Quota quota_of(const ControlGroup& group) {
  Quota quota;
  if (group.version2) {
    std::ifstream(group.folder / "cpu.max") >> quota.time >> quota.period;
  } else {
    std::ifstream(group.folder / "cpu.cfs_quota_us") >> quota.time;
    std::ifstream(group.folder / "cpu.cfs_period_us") >> quota.period;
  }
  return quota;
}

}  // namespace

int usable_cores(int processors, const fs::path& root) {
  double cores = processors;
  for (const ControlGroup& group : control_groups("cpu", root)) {
    const Quota quota = quota_of(group);
    if (quota.time > 0 && quota.period > 0) cores = std::min(cores, quota.time / quota.period);
  }
  return std::max(1, static_cast<int>(std::ceil(cores)));
}

}  // namespace bertune
