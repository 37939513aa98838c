// SPDX-License-Identifier: Apache-2.0
// A lock excludes other processes, and the death of its holder releases it.
#include "base/file_lock.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "bertune/error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

TEST(FileLock, IsHeldOnceAndNamesItsHolder) {
  const TemporaryFolder folder;
  std::optional<FileLock> first(std::in_place, folder / "lock");
  EXPECT_TRUE(first->is_held());
  const FileLock second(folder / "lock");
  EXPECT_FALSE(second.is_held());
  EXPECT_EQ(second.holder(), ::getpid());
  first.reset();
  EXPECT_TRUE(FileLock(folder / "lock").is_held());
  EXPECT_TRUE(names_in(folder.path()).empty());
}

TEST(FileLock, DiesWithItsProcess) {
  const TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(folder / "lock");
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  {
    const FileLock lock(folder / "lock");
    EXPECT_FALSE(lock.is_held());
    EXPECT_EQ(lock.holder(), child);
  }
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_TRUE(FileLock(folder / "lock").is_held());
}

TEST(FileLock, NamesAFileThatCannotBeMade) {
  const TemporaryFolder folder;
  EXPECT_THROW(FileLock(folder / "none" / "lock"), Error);
}

}  // namespace
}  // namespace bertune
