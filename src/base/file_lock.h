// SPDX-License-Identifier: Apache-2.0
// A lock file held by one process and released when that process ends, however it ends. Relies on
// flock(2); the file contains the holder's process id for the message of a second process.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bertune {

class FileLock {
 public:
  // Tries to take the lock; the folder must exist. On a file system without locks it logs a warning
  // and counts the lock as held. Throws Error{kSystem} if the file cannot be created.
  explicit FileLock(std::filesystem::path path);
  ~FileLock();  // removes the file
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool is_held() const { return descriptor_ >= 0; }
  int64_t holder() const { return holder_; }  // process id of the other holder; 0: unknown

 private:
  bool try_once();  // false: the file was removed in the meantime, try again

  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t holder_ = 0;
};

}  // namespace bertune
