// SPDX-License-Identifier: Apache-2.0
// Files are replaced as a whole or not at all, and every failure is an Error with the path.
#include "base/io.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

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

TEST(MappedFile, RefusesAPipe) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  for (const fs::path& path : {folder / "pipe", fs::path("/dev/null")}) {
    try {
      MappedFile{path};
      FAIL();
    } catch (const Error& error) {
      EXPECT_EQ(error.message(),
                "'" + path.string() + "' is a pipe or a device, which cannot be read twice");
    }
  }
}

TEST(WriteFileAtomic, ReplacesTheWholeFile) {
  const TemporaryFolder folder;
  const fs::path path = put_file(folder / "f", "a longer old text");
  write_file_atomic(path, "new");
  EXPECT_EQ(read_file(path), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(WriteFileAtomic, ReplacesTheFileBehindALink) {
  const TemporaryFolder folder;
  fs::create_directory(folder / "there");
  const fs::path file = put_file(folder / "there/file", "old");
  fs::create_symlink("there/file", folder / "link");
  write_file_atomic(folder / "link", "new");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(read_file(file), "new");
}

TEST(WriteFileAtomic, WritesToAPipeAndLeavesItThere) {
  const TemporaryFolder folder;
  const fs::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
  require_writable_file(pipe);
  write_file_atomic(pipe, "one ");
  write_file_atomic(pipe, [](const fs::path& path) {
    OutputFile file(path);
    file.write("two");
    file.close();
  });
  char bytes[16];
  EXPECT_EQ(std::string(bytes, static_cast<size_t>(::read(reader, bytes, sizeof(bytes)))),
            "one two");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(RequireWritableFile, CreatesItsFolder) {
  const TemporaryFolder folder;
  require_writable_file(folder / "new/file");
  EXPECT_EQ(names_in(folder.path()), std::vector<std::string>{"new"});
  EXPECT_TRUE(fs::is_empty(folder / "new"));
  EXPECT_THROW(require_writable_file(folder / "new"), Error);
}

TEST(RequireWritableFile, RefusesWhereOutputGoes) {
  const TemporaryFolder folder;
  const fs::path file = put_file(folder / "out", "");
  const int output = ::dup(STDERR_FILENO);
  const int redirected = ::open(file.c_str(), O_WRONLY);
  ::dup2(redirected, STDERR_FILENO);
  std::string message;
  try {
    require_writable_file(file);
  } catch (const Error& error) {
    message = error.message();
  }
  ::dup2(output, STDERR_FILENO);
  ::close(output);
  ::close(redirected);
  EXPECT_EQ(message,
            "cannot replace '" + file.string() + "': the output of this program goes there");
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
