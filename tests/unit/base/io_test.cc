// SPDX-License-Identifier: Apache-2.0
#include "base/io.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "bertune/error.h"
#include "temporary_folder.h"

namespace bertune {
namespace {

namespace fs = std::filesystem;

TEST(MappedFile, GivesTheBytes) {
  const TemporaryFolder folder;
  EXPECT_EQ(MappedFile(put_file(folder / "a", "some\nbytes")).text(), "some\nbytes");
  EXPECT_EQ(MappedFile(put_file(folder / "empty", "")).text(), "");
}

TEST(MappedFile, NamesThePathThatIsNotThere) {
  try {
    MappedFile("/no/such/file");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::kSystem);
    EXPECT_NE(error.message().find("/no/such/file"), std::string::npos);
    EXPECT_FALSE(error.hint().empty());
  }
}

TEST(MappedFile, RefusesAFolder) {
  const TemporaryFolder folder;
  EXPECT_THROW(MappedFile(folder.path()), Error);
}

TEST(WriteFileAtomic, ReplacesTheWholeFile) {
  const TemporaryFolder folder;
  const fs::path path = put_file(folder / "f", "a longer old text");
  write_file_atomic(path, "new");
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFolderAtomic, LeavesNothingWhenFillingFails) {
  const TemporaryFolder folder;
  const auto fail = [](const fs::path& aside) {
    OutputFile file(aside / "half");
    file.write("bytes");
    throw std::runtime_error("stop");
  };
  EXPECT_THROW(write_folder_atomic(folder / "made", fail), std::runtime_error);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(RequireWritableFolder, CreatesParentsAndRefusesAFile) {
  const TemporaryFolder folder;
  require_writable_folder(folder / "a/b/c");
  EXPECT_TRUE(fs::is_directory(folder / "a/b/c"));
  put_file(folder / "file", "x");
  EXPECT_THROW(require_writable_folder(folder / "file"), Error);
}

}  // namespace
}  // namespace bertune
