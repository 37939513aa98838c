// SPDX-License-Identifier: Apache-2.0
// A lock file that one process holds and that dies with it, however it ends: flock(2), with the
// holder's process id inside for the message to the second one.
#pragma once

#include <cstdint>
#include <filesystem>

namespace bertune {

class FileLock {
 public:
  // Tries to take the lock; its folder exists. Where the file system knows no locks, that is said
  // in the log and the lock counts as held. Throws Error{kSystem} when the file cannot be made.
  explicit FileLock(std::filesystem::path path);
  ~FileLock();  // removes the file
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  bool is_held() const { return descriptor_ >= 0; }
  int64_t holder() const { return holder_; }  // another's process id; 0: it has not said yet

 private:
  bool try_once();  // false: the file was removed meanwhile, try again

  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t holder_ = 0;
};

}  // namespace bertune
