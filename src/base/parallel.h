// SPDX-License-Identifier: Apache-2.0
// Parallel loops on the pool of the compute thread. Called from another thread, a loop of several
// blocks goes there and waits; a loop of one block stays on the calling thread.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>

#include "base/compute_thread.h"
#include "base/team_order.h"

namespace bertune {

// The blocks that one thread begins with, in a cache line of its own.
class alignas(64) BlockShare {
 public:
  void assign(int64_t begin, int64_t end) {
    begin_ = begin;
    end_ = end;
    taken_.store(0, std::memory_order_relaxed);
  }
  // The next block, or -1 if none is left. Blocks are taken from both ends towards the middle,
  // because the processor prefetches the memory that follows, and past the ends it belongs to
  // another thread.
  int64_t take() {
    const int64_t count = end_ - begin_, i = taken_.fetch_add(1, std::memory_order_relaxed);
    if (i >= count) return -1;
    return i < count / 2 ? begin_ + i : end_ - 1 - (i - count / 2);
  }

 private:
  std::atomic<int64_t> taken_;
  int64_t begin_, end_;
};

// Calls body(index) in every thread of the calling thread's OpenMP team. ThreadSanitizer learns of
// fork and join from team_order.h and ignores what the compiler stores for the OpenMP runtime in
// between.
template <typename Body>
__attribute__((no_sanitize("thread"))) void in_openmp_team(const Body& body) {
  pass_on_to_team();
#pragma omp parallel
  {
    take_over_from_team();
    body(omp_get_thread_num());
    pass_on_to_team();
  }
  take_over_from_team();
}

// Calls body() in the calling thread and in those of the pool that arrive before it is done there.
// It must not throw.
template <typename Body>
void in_team(const Body& body) {
  on_compute_thread([&] {
    if (in_loop()) return body();
    const auto numbered = [&, threads = thread_count()](int index) {
      const InLoop in_loop(index, threads);
      body();
    };
    loops_on_openmp() ? in_openmp_team(numbered) : compute_team().run(thread_count(), numbered);
  });
}

// Work stealing: calls take(block) for the blocks of the thread's own share, then for those left in
// the other shares.
template <typename Take>
void work_off(BlockShare* shares, int64_t count, const Take& take) {
  for (int64_t i = 0; i < count; ++i) {
    BlockShare& share = shares[(thread_index() + i) % count];
    for (int64_t block; (block = share.take()) >= 0;) take(block);
  }
}

// Calls work(begin, end) on blocks of [0, count). Block bounds depend only on `block`, never on the
// number of threads, so that sums kept by block are the same on any machine. Each thread begins
// with its own part of the range, so that data it wrote in one call is in its cache in the next,
// and then steals from the others. The first exception thrown by a block is rethrown here, because
// an exception that leaves an OpenMP region ends the process.
template <typename Work>
void parallel_for(int64_t count, int64_t block, const Work& work) {
  const int64_t blocks = (count + block - 1) / block;
  if (blocks <= 1) {
    if (count > 0) work(int64_t{0}, count);
    return;
  }
  constexpr int64_t kMostShares = 64;
  const int64_t parts = std::min<int64_t>(thread_count(), kMostShares);
  BlockShare shares[kMostShares];
  for (int64_t part = 0; part < parts; ++part) {
    shares[part].assign(blocks * part / parts, blocks * (part + 1) / parts);
  }
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto take = [&](int64_t b) {
    try {
      work(b * block, std::min(count, (b + 1) * block));
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  in_team([&] { work_off(shares, parts, take); });
  if (failure) std::rethrow_exception(failure);
}

}  // namespace bertune
