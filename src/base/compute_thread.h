// SPDX-License-Identifier: Apache-2.0
// The one thread of the process that computes. It owns the pool, so that callers on any number of
// threads share one pool and none of their threads is changed. Parallel loops (parallel.h) come
// here by themselves; passes and training steps are submitted whole.
//
// The pool is a ThreadTeam, or OpenMP's team for work in which oneDNN computes, because oneDNN runs
// on that one and the threads of one team would wait for cores on which the other's still spin.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "base/thread_team.h"

namespace bertune {

// The number of pool threads that the calling thread's jobs and loops use while this object lives.
// Every model and every training run has a number of its own.
class WithThreads {
 public:
  explicit WithThreads(int64_t threads);  // 0: the number of cores that this process may use
  ~WithThreads();
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  int before_;
};

// The number set by WithThreads, or the number of cores that this process may use.
int thread_count();

// The loops of the compute thread run on OpenMP's team while this object lives.
class WithOpenMp {
 public:
  explicit WithOpenMp(bool wanted);  // false: nothing changes
  ~WithOpenMp();
  WithOpenMp(const WithOpenMp&) = delete;
  WithOpenMp& operator=(const WithOpenMp&) = delete;

 private:
  bool before_;
};

// Marks the calling thread as thread `index` of a loop's `threads` while this object lives.
class InLoop {
 public:
  InLoop(int index, int threads);
  ~InLoop();
  InLoop(const InLoop&) = delete;
  InLoop& operator=(const InLoop&) = delete;

 private:
  bool was_in_pool_;
  int threads_before_;
};

// Whether the calling thread is the compute thread or belongs to its pool.
bool in_compute_pool();
// Whether it is executing a loop. A loop within a loop's block stays on its thread.
bool in_loop();
// Its index in that loop, from 0; 0 outside a loop.
int thread_index();
// Whether the compute thread's next loop runs on OpenMP's team.
bool loops_on_openmp();

// The pool's threads; only for the compute thread.
ThreadTeam& compute_team();

// Implements on_compute_thread for any other thread.
void submit_and_wait(const std::function<void()>& work);

// Runs work() on the compute thread after everything submitted before, waits, and returns its
// result or rethrows its exception. In the pool itself, calls work() at once. `work` must not call
// back into user code and must not wait for another thread: it holds up all others that compute,
// and any fork.
template <typename Work>
std::invoke_result_t<const Work&> on_compute_thread(const Work& work) {
  using Result = std::invoke_result_t<const Work&>;
  if (in_compute_pool()) return work();
  if constexpr (std::is_void_v<Result>) {
    submit_and_wait(std::ref(work));
  } else {
    std::optional<Result> result;
    submit_and_wait([&] { result.emplace(work()); });
    return *std::move(result);
  }
}

}  // namespace bertune
