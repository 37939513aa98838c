// SPDX-License-Identifier: Apache-2.0
// Zeroed host memory for engines that compute on the CPU. Large buffers are mapped, so that a page
// takes memory only once it is used: of the memory planned for the largest pass, a short one uses
// little. The thread that uses a page first gets it near its core. Small buffers come from the
// heap, where sanitizers see accesses beyond their ends.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <new>

#include "engine/engine.h"

namespace bertune {

class HostBuffer : public Buffer {
 public:
  explicit HostBuffer(size_t bytes) : bytes_(bytes) { is_mapped() ? map() : take_from_heap(); }
  ~HostBuffer() override {
    if (is_mapped()) {
      ::munmap(mapping_, bytes_ + kHugePage);
    } else {
      ::operator delete(data_, kCacheLine);
    }
  }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  void* data() const override { return data_; }
  size_t bytes() const override { return bytes_; }

 private:
  static constexpr std::align_val_t kCacheLine{64};
  static constexpr size_t kHugePage = size_t{1} << 21;

  bool is_mapped() const { return bytes_ >= 2 * kHugePage; }

  void take_from_heap() {
    data_ = ::operator new(bytes_, kCacheLine);
    std::memset(data_, 0, bytes_);
  }

  // Aligned to huge pages, of which a matrix needs 512 times fewer address translations when it is
  // read sequentially. The advice is only a request.
  void map() {
    mapping_ = ::mmap(nullptr, bytes_ + kHugePage, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) throw std::bad_alloc();
    const auto address = reinterpret_cast<size_t>(mapping_);
    data_ = static_cast<char*>(mapping_) + (kHugePage - address % kHugePage) % kHugePage;
    ::madvise(data_, bytes_ / kHugePage * kHugePage, MADV_HUGEPAGE);
  }

  size_t bytes_;
  void* mapping_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace bertune
