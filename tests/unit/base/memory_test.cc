// SPDX-License-Identifier: Apache-2.0
// Memory figures of the system, read from made-up files.
#include "base/memory.h"

#include <gtest/gtest.h>

#include <vector>

#include "temporary_folder.h"

namespace bertune {
namespace {

TEST(Memory, ThisProcessHasSome) {
  const int64_t before = resident_bytes();
  EXPECT_GT(before, 0);
  const std::vector<char> block(64 << 20, 1);  // written, so that its pages are resident
  const int64_t most_of_it = static_cast<int64_t>(block.size()) / 4 * 3;
  EXPECT_GE(resident_bytes(), before + most_of_it);
  EXPECT_GE(peak_resident_bytes(), before + most_of_it);
  EXPECT_GT(available_bytes().value_or(1), 0);
}

TEST(Memory, NothingIsKnownWithoutTheFiles) {
  const TemporaryFolder root;
  EXPECT_FALSE(available_bytes(root.path()).has_value());
}

TEST(Memory, IsTheMachinesOrTheLeastOfItsGroups) {
  const TemporaryFolder root;
  put_file(root / "proc/meminfo", "MemTotal: 9000 kB\nMemFree: 1 kB\nMemAvailable: 4000 kB\n");
  EXPECT_EQ(available_bytes(root.path()), 4000 * 1024);
  put_file(root / "proc/self/cgroup", "0::/a/b\n");
  put_file(root / "sys/fs/cgroup/a/b/memory.max", "max\n");
  put_file(root / "sys/fs/cgroup/a/b/memory.current", "5\n");
  EXPECT_EQ(available_bytes(root.path()), 4000 * 1024);
  put_file(root / "sys/fs/cgroup/a/memory.max", "3000000\n");
  put_file(root / "sys/fs/cgroup/a/memory.current", "2500000\n");
  put_file(root / "sys/fs/cgroup/a/memory.stat", "anon 7\ninactive_file 100000\n");
  EXPECT_EQ(available_bytes(root.path()), 600'000);
  put_file(root / "sys/fs/cgroup/memory.max", "1000\n");
  put_file(root / "sys/fs/cgroup/memory.current", "2000\n");
  EXPECT_EQ(available_bytes(root.path()), 0);
}

TEST(Memory, KnowsTheFirstVersionOfGroups) {
  const TemporaryFolder root;
  put_file(root / "proc/meminfo", "MemAvailable: 4000 kB\n");
  put_file(root / "proc/self/cgroup", "3:cpu,memory:/job\n0::/\n");
  put_file(root / "sys/fs/cgroup/memory/job/memory.limit_in_bytes", "9000\n");
  put_file(root / "sys/fs/cgroup/memory/job/memory.usage_in_bytes", "2000\n");
  EXPECT_EQ(available_bytes(root.path()), 7000);
}

TEST(Memory, ReadsSizes) {
  EXPECT_EQ(parse_bytes("4096"), 4096);
  EXPECT_EQ(parse_bytes("1.5KiB"), 1536);
  EXPECT_EQ(parse_bytes("2 GiB"), int64_t{2} << 30);
  EXPECT_EQ(parse_bytes("2g"), int64_t{2} << 30);
  EXPECT_EQ(parse_bytes("3MB"), 3 << 20);
  EXPECT_EQ(parse_bytes("7b"), 7);
  for (const char* text : {"", "GiB", "-1", "2 geese", "1iB", "1GG", "nan", "1e30"})
    EXPECT_FALSE(parse_bytes(text).has_value()) << text;
}

}  // namespace
}  // namespace bertune
