// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include "base/io.h"
#include "base/log.h"

namespace bertune {
namespace {

int64_t read_process_id(int descriptor) {
  char text[24] = {};
  const ssize_t size = ::pread(descriptor, text, sizeof(text), 0);
  int64_t process = 0;
  if (size > 0) std::from_chars(text, text + size, process);
  return process;
}

// A second process quotes this id in its message. If even this cannot be written, nothing can be
// saved.
bool write_process_id(int descriptor) {
  const std::string process = fmt::format("{}\n", ::getpid());
  return ::ftruncate(descriptor, 0) == 0 &&
         ::pwrite(descriptor, process.data(), process.size(), 0) >= 0;
}

// Whether `path` still names the open file: the holder removes the file before it releases the
// lock.
bool is_same_file(int descriptor, const std::filesystem::path& path) {
  struct stat open_file {
  }, named_file{};
  return ::fstat(descriptor, &open_file) == 0 && ::stat(path.c_str(), &named_file) == 0 &&
         open_file.st_dev == named_file.st_dev && open_file.st_ino == named_file.st_ino;
}

}  // namespace

FileLock::FileLock(std::filesystem::path path) : path_(std::move(path)) {
  while (!try_once()) continue;
}

FileLock::~FileLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());
  ::close(descriptor_);
}

bool FileLock::try_once() {
  const int descriptor = ::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) fail_system("create", path_);
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      holder_ = read_process_id(descriptor);
      ::close(descriptor);
      return true;
    }
    log_warning("'{}' cannot be locked ({}); make sure that only one run at a time uses the folder",
                path_.string(), std::strerror(errno));
  } else if (!is_same_file(descriptor, path_)) {
    ::close(descriptor);
    return false;
  }
  if (!write_process_id(descriptor)) {
    const int error = errno;
    ::unlink(path_.c_str());
    ::close(descriptor);
    errno = error;
    fail_system("write", path_);
  }
  descriptor_ = descriptor;
  return true;
}

}  // namespace bertune
