// SPDX-License-Identifier: Apache-2.0
// The one thread of the process that computes. It owns the OpenMP pool, which oneDNN computes on
// too, so that callers on any number of threads share one pool and none of their threads is
// changed. Parallel loops (parallel.h) come here by themselves; passes and training steps are
// submitted whole.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

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

// Whether the calling thread is the compute thread or belongs to its pool.
bool in_compute_pool();
void join_compute_pool();  // every pool thread calls it before it works

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
