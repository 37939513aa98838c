// SPDX-License-Identifier: Apache-2.0
// Memory that kernels use while they run and that carries nothing from one op to the next. It grows
// at the first use of a larger shape and is then kept, so that no later step allocates.
#pragma once

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "base/parallel.h"
#include "engine/tensor.h"

namespace bertune {

// Columns rounded up, so that kernels may write whole vectors and whole groups of dropout factors.
constexpr int64_t padded(int64_t cols) { return (cols + 31) / 32 * 32; }

// One block of floats, 64-byte aligned. A larger `take` discards the earlier contents.
class Scratch {
 public:
  float* take(int64_t size) {
    if (size > size_) {
      memory_.reset();  // freed first, because memory may not hold both
      memory_.reset(static_cast<float*>(::operator new(size * sizeof(float), kAlignment)));
      size_ = size;
    }
    return memory_.get();
  }

 private:
  static constexpr std::align_val_t kAlignment{64};
  struct Free {
    void operator()(float* p) const { ::operator delete(p, kAlignment); }
  };

  std::unique_ptr<float, Free> memory_;
  int64_t size_ = 0;
};

// One block per thread. Call `prepare` outside a parallel region and `mine` inside it.
class ThreadScratch {
 public:
  void prepare(int64_t size) {
    if (blocks_.size() < static_cast<size_t>(thread_count())) blocks_.resize(thread_count());
    for (Scratch& block : blocks_) block.take(size);
    size_ = size;
  }
  float* mine() { return blocks_[static_cast<size_t>(thread_index())].take(size_); }

 private:
  std::vector<Scratch> blocks_;
  int64_t size_ = 0;
};

// The scratch memory of an engine, available to all its kernels.
struct Workspace {
  ThreadScratch thread;               // rows and blocks that fit into a core's cache
  Scratch partial;                    // sums of parameter gradients, a row per block; or losses
  std::vector<int32_t> order;         // window indices by length
  std::vector<double> block_sums;     // partial sums of a norm
  std::vector<int64_t> first_blocks;  // the number of blocks before each segment, and of all
};

}  // namespace bertune
