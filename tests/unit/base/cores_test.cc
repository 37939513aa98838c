// SPDX-License-Identifier: Apache-2.0
// The number of cores under CPU quotas of control groups, on made-up system files.
#include "base/cores.h"

#include <gtest/gtest.h>

#include "temporary_folder.h"

namespace bertune {
namespace {

TEST(Cores, AreTheMachinesWithoutLimits) {
  const TemporaryFolder root;
  EXPECT_EQ(usable_cores(8, root.path()), 8);
  put_file(root / "proc/self/cgroup", "0::/a/b\n");
  put_file(root / "sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(usable_cores(8, root.path()), 8);
}

TEST(Cores, AreThoseOfTheNarrowestGroup) {
  const TemporaryFolder root;
  put_file(root / "proc/self/cgroup", "0::/a/b\n");
  put_file(root / "sys/fs/cgroup/a/b/cpu.max", "600000 100000\n");
  put_file(root / "sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  EXPECT_EQ(usable_cores(8, root.path()), 2);
  put_file(root / "sys/fs/cgroup/cpu.max", "10000 100000\n");
  EXPECT_EQ(usable_cores(8, root.path()), 1);
  EXPECT_EQ(usable_cores(1, root.path()), 1);
}

TEST(Cores, KnowTheFirstVersionOfGroups) {
  const TemporaryFolder root;
  put_file(root / "proc/self/cgroup", "4:cpu,cpuacct:/job\n3:memory:/job\n");
  put_file(root / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "-1\n");
  put_file(root / "sys/fs/cgroup/cpu/job/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(usable_cores(8, root.path()), 8);
  put_file(root / "sys/fs/cgroup/cpu/job/cpu.cfs_quota_us", "300000\n");
  EXPECT_EQ(usable_cores(8, root.path()), 3);
}

}  // namespace
}  // namespace bertune
