// SPDX-License-Identifier: Apache-2.0
// Reading the user's aliases file.
#include "hub/aliases.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "expect_error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

TEST(Aliases, AreNamesAndFolders) {
  const TemporaryFolder folder;
  ::setenv("HOME", "/home/x", 1);
  const auto file =
      put_file(folder / "aliases", "# mine\n\n a = /models/a \nb=rel/b c\r\n  # more\nc = ~/c\n");
  const std::vector<Alias> aliases = read_aliases(file);
  ASSERT_EQ(aliases.size(), 3u);
  EXPECT_EQ(aliases[0].name, "a");
  EXPECT_EQ(aliases[0].folder, "/models/a");
  EXPECT_EQ(aliases[1].folder, folder / "rel/b c");
  EXPECT_EQ(aliases[2].folder, "/home/x/c");
}

TEST(Aliases, NeedNoFile) { EXPECT_TRUE(read_aliases("/no/such/file").empty()); }

TEST(Aliases, NameTheLineThatIsWrong) {
  const TemporaryFolder folder;
  for (const char* line : {"a", "a =", "= b", "a/b = c"}) {
    const auto file = put_file(folder / "aliases", std::string("x = y\n") + line + "\n");
    expect_error(ErrorKind::kInput, {"line 2", file.string()}, [&] { read_aliases(file); });
  }
  const auto file = put_file(folder / "aliases", "a = b\na = c\n");
  expect_error(ErrorKind::kInput, {"line 2", "'a' again"}, [&] { read_aliases(file); });
}

}  // namespace
}  // namespace bertune
