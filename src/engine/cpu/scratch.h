// SPDX-License-Identifier: Apache-2.0
// Memory that kernels need while they run and that carries nothing from one op to the next. It
// grows at the first use of a larger shape and then stays, so that no step allocates.
#pragma once

#include <omp.h>

#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "base/parallel.h"
#include "engine/tensor.h"

namespace bertune {

// Columns rounded up, so that kernels may write whole vectors and whole groups of dropout factors.
constexpr int64_t padded(int64_t cols) { return (cols + 31) / 32 * 32; }

// One block of floats, 64-byte aligned. A larger `take` loses what an earlier one wrote.
class Scratch {
 public:
  float* take(int64_t size) {
    if (size > size_) {
      memory_.reset();  // before the new one is taken, because both need not fit
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

// One block for each thread. `prepare` outside of a parallel region, `mine` inside.
class ThreadScratch {
 public:
  void prepare(int64_t size) {
    if (blocks_.size() < static_cast<size_t>(thread_count())) blocks_.resize(thread_count());
    for (Scratch& block : blocks_) block.take(size);
    size_ = size;
  }
  float* mine() { return blocks_[static_cast<size_t>(omp_get_thread_num())].take(size_); }

 private:
  std::vector<Scratch> blocks_;
  int64_t size_ = 0;
};

// What every kernel of an engine may use.
struct Workspace {
  ThreadScratch thread;            // rows and blocks that fit a core's cache
  Scratch partial;                 // partial sums of parameter gradients, one row a block
  std::vector<int32_t> order;      // of windows by length
  std::vector<double> block_sums;  // of a norm
};

}  // namespace bertune
