// SPDX-License-Identifier: Apache-2.0
// Host memory for engines that compute on the CPU. It is not zeroed here, because each engine
// zeroes it in its own way.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <new>

#include "engine/engine.h"

namespace bertune {

class HostBuffer : public Buffer {
 public:
  explicit HostBuffer(size_t bytes)
      : alignment_(bytes < 2 * kHugePage ? kCacheLine : kHugePage),
        data_(::operator new (bytes, std::align_val_t{alignment_})),
        bytes_(bytes) {
    // Only a request: huge pages need 512 times fewer address translations for a matrix that is
    // read sequentially.
    if (alignment_ == kHugePage) ::madvise(data_, bytes_ / kHugePage * kHugePage, MADV_HUGEPAGE);
  }
  ~HostBuffer() override { ::operator delete (data_, std::align_val_t{alignment_}); }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  void* data() const override { return data_; }
  size_t bytes() const override { return bytes_; }

 private:
  static constexpr size_t kCacheLine = 64, kHugePage = size_t{1} << 21;

  size_t alignment_;
  void* data_;
  size_t bytes_;
};

}  // namespace bertune
