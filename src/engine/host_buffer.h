// SPDX-License-Identifier: Apache-2.0
// Zeroed host memory for engines that compute on the CPU. It is mapped directly, so that pages take
// memory only once they are used: of the memory planned for the largest pass, a short one uses
// little. The thread that uses a page first gets it near its core.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

#include "engine/engine.h"

namespace bertune {

class HostBuffer : public Buffer {
 public:
  explicit HostBuffer(size_t bytes)
      : bytes_(bytes), mapped_(bytes + (bytes < 2 * kHugePage ? 0 : kHugePage)) {
    if (mapped_ == 0) return;
    mapping_ = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) throw std::bad_alloc();
    data_ = mapping_;
    if (mapped_ == bytes_) return;
    const auto address = reinterpret_cast<size_t>(mapping_);
    data_ = static_cast<char*>(mapping_) + (kHugePage - address % kHugePage) % kHugePage;
    // Only a request: huge pages need 512 times fewer address translations for a matrix that is
    // read sequentially.
    ::madvise(data_, bytes_ / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
  ~HostBuffer() override {
    if (mapped_ > 0) ::munmap(mapping_, mapped_);
  }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  void* data() const override { return data_; }
  size_t bytes() const override { return bytes_; }

 private:
  static constexpr size_t kHugePage = size_t{1} << 21;

  size_t bytes_, mapped_;
  void* mapping_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace bertune
