// Memory of the host for engines that compute there. Not zeroed: the engine does that in its own
// way. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <new>

#include "engine/engine.h"

namespace bertune {

class HostBuffer : public Buffer {
 public:
  explicit HostBuffer(size_t bytes) : data_(::operator new(bytes, kAlignment)), bytes_(bytes) {}
  ~HostBuffer() override { ::operator delete(data_, kAlignment); }
  HostBuffer(const HostBuffer&) = delete;
  HostBuffer& operator=(const HostBuffer&) = delete;

  void* data() const override { return data_; }
  size_t bytes() const override { return bytes_; }

 private:
  static constexpr std::align_val_t kAlignment{64};

  void* data_;
  size_t bytes_;
};

}  // namespace bertune
