// SPDX-License-Identifier: Apache-2.0
// Replaces mmap in the fuzz targets (the linker's --wrap): a file's bytes are returned in a heap
// block of exactly their size, because a read past the end of a mapped file is undetected up to the
// end of its page.
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

extern "C" void* __wrap_mmap(void* address, size_t length, int protection, int flags,
                             int descriptor, off_t offset) {
  if (address != nullptr || protection != PROT_READ || flags != MAP_PRIVATE) {
    errno = ENOSYS;  // no other mapping is used here
    return MAP_FAILED;
  }
  void* block = std::malloc(length);
  if (block == nullptr) return MAP_FAILED;
  if (pread(descriptor, block, length, offset) == static_cast<ssize_t>(length)) return block;
  std::free(block);
  return MAP_FAILED;
}

// Releases nothing, because the heap block would lose its content.
extern "C" int __wrap_madvise(void*, size_t, int) { return 0; }

extern "C" int __wrap_munmap(void* block, size_t) {
  std::free(block);
  return 0;
}
