// SPDX-License-Identifier: Apache-2.0
#include "base/thread_team.h"

#include <fmt/format.h>
#include <immintrin.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <thread>

#include "base/stopwatch.h"

namespace bertune {
namespace {

// Longer than the serial work between two ops of a pass, and short beside the time slice of another
// process that waits for the core.
constexpr double kSpinSeconds = 200e-6;
constexpr int kPausesPerClockRead = 32;

// Spins until done() or kSpinSeconds have passed. Returns whether done().
template <typename Done>
bool spin_until(const Done& done) {
  if (done()) return true;
  for (const Stopwatch watch; watch.seconds() < kSpinSeconds;) {
    for (int i = 0; i < kPausesPerClockRead; ++i) {
      if (done()) return true;
      ::_mm_pause();
    }
  }
  return false;
}

// Sleeps until woken; returns at once if `word` is no longer `expected`. May wake for no reason.
void sleep_on(const std::atomic<uint32_t>& word, uint32_t expected) {
  ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void wake_all(const std::atomic<uint32_t>& word) {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace

// All accesses are sequentially consistent. Each pair of "write mine, then read yours" relies on
// that: a helper enters `inside_` and then finds the loop open, or the caller closes the loop and
// then finds nobody inside; a sleeper announces itself and then finds the word unchanged, or the
// other changes the word and then finds the sleeper.
void ThreadTeam::run(int threads, const TeamBody& body) {
  while (threads_ < threads - 1) start_thread();
  if (threads > 1) {
    body_ = &body;
    loop_threads_ = threads;
    ++loop_;  // open
    if (sleepers_ > 0) wake_all(loop_);
  }
  body(0);
  if (threads > 1) {
    ++loop_;  // closed
    wait_for_helpers();
  }
}

void ThreadTeam::wait_for_helpers() {
  const auto nobody_inside = [&] { return inside_ == 0; };
  if (spin_until(nobody_inside)) return;
  caller_sleeps_ = 1;  // leaves the core to the helper, which may be waiting for one
  while (const uint32_t inside = inside_) sleep_on(inside_, inside);
  caller_sleeps_ = 0;
}

void ThreadTeam::start_thread() {
  std::thread([this, index = threads_ + 1] { help(index); }).detach();
  ++threads_;
}

void ThreadTeam::help(int index) {
  ::pthread_setname_np(::pthread_self(), fmt::format("compute-{}", index).c_str());
  for (uint32_t last = 0;;) {
    wait_for_loop(last);
    last = join_loop(index);
  }
}

// Returns the value of `loop_` that it found.
uint32_t ThreadTeam::join_loop(int index) {
  ++inside_;
  const uint32_t loop = loop_;
  if (loop % 2 == 1 && index < loop_threads_) (*body_)(index);
  if (--inside_ == 0 && caller_sleeps_ > 0) wake_all(inside_);
  return loop;
}

// Waits until a loop other than `last` is open.
void ThreadTeam::wait_for_loop(uint32_t last) {
  uint32_t loop = 0;
  const auto opened = [&] { return (loop = loop_) % 2 == 1 && loop != last; };
  while (!spin_until(opened)) {
    ++sleepers_;
    if (!opened()) sleep_on(loop_, loop);
    --sleepers_;
    if (opened()) return;
  }
}

void ThreadTeam::forget_threads() {
  threads_ = 0;
  loop_ = inside_ = sleepers_ = caller_sleeps_ = 0;
}

}  // namespace bertune
