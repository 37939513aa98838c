// SPDX-License-Identifier: Apache-2.0
// Threads that help with parallel loops. An OpenMP region waits for every thread of its team, also
// for one that the system has not scheduled yet. Here a loop waits only for threads that are
// executing a block, so another process on one of the cores slows it down by little. Threads spin
// briefly between loops, then sleep. Relies on Linux futexes.
#pragma once

#include <atomic>
#include <cstdint>

namespace bertune {

// A reference to a callable that takes a thread index; it must not throw.
class TeamBody {
 public:
  template <typename Body>
  TeamBody(const Body& body)  // implicit, like std::function
      : object_(&body),
        call_([](const void* object, int index) { (*static_cast<const Body*>(object))(index); }) {}
  void operator()(int index) const { call_(object_, index); }

 private:
  const void* object_;
  void (*call_)(const void*, int);
};

// Used by one thread at a time. Its threads start at their first use, inherit the floating-point
// modes and the signal mask of that moment, and run until the process ends.
class ThreadTeam {
 public:
  // Calls body(0) on the calling thread and body(1) to body(threads - 1) each at most once, on
  // threads of the team that arrive before body(0) has returned. Returns when no call is running.
  void run(int threads, const TeamBody& body);

  // For a forked process, which has none of the threads.
  void forget_threads();

 private:
  void start_thread();
  void help(int index);
  uint32_t join_loop(int index);
  void wait_for_loop(uint32_t last);
  void wait_for_helpers();

  int threads_ = 0;  // started, without the calling one

  // Of the loop in progress; written only while `loop_` is even and no helper is inside.
  const TeamBody* body_ = nullptr;
  int loop_threads_ = 0;

  // Each counter has a cache line of its own, because different threads spin on them.
  alignas(64) std::atomic<uint32_t> loop_{0};      // odd while a loop accepts helpers
  alignas(64) std::atomic<uint32_t> inside_{0};    // helpers that may be executing the body
  alignas(64) std::atomic<uint32_t> sleepers_{0};  // helpers that sleep until `loop_` changes
  std::atomic<uint32_t> caller_sleeps_{0};         // until `inside_` changes
};

}  // namespace bertune
