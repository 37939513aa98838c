// SPDX-License-Identifier: Apache-2.0
// One thread computes for all callers and changes none of them, each job has a number of threads of
// its own, and forked processes compute too.
#include "base/compute_thread.h"

#include <gtest/gtest.h>
#include <omp.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <xmmintrin.h>

#include <atomic>
#include <cfenv>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/parallel.h"

namespace bertune {
namespace {

std::thread::id compute_id() {
  return on_compute_thread([] { return std::this_thread::get_id(); });
}

void join_all(std::vector<std::thread>& threads) {
  for (std::thread& thread : threads) thread.join();
}

int64_t sum_to(int64_t count) {
  std::atomic<int64_t> sum = 0;
  parallel_for(count, 1, [&](int64_t begin, int64_t) { sum += begin; });
  return sum;
}

// The number of threads that a loop has. Each waits for all, so that none arrives too late.
int team_size() {
  std::atomic<int> size = 0;
  in_team([&] {
    ++size;
    while (size < thread_count()) std::this_thread::yield();
  });
  return size;
}

TEST(ComputeThread, IsOneForAllCallers) {
  std::vector<std::thread::id> ids(8);
  std::vector<std::thread> callers;
  for (std::thread::id& id : ids) callers.emplace_back([&id] { id = compute_id(); });
  join_all(callers);
  EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), 1u);
  EXPECT_EQ(ids[0], compute_id());
  EXPECT_NE(ids[0], std::this_thread::get_id());
}

TEST(ComputeThread, ReturnsAndRethrows) {
  EXPECT_EQ(on_compute_thread([] { return std::string("done"); }), "done");
  EXPECT_THROW(on_compute_thread([] { throw std::runtime_error("job"); }), std::runtime_error);
  EXPECT_THROW(on_compute_thread([]() -> int { throw std::runtime_error("job"); }),
               std::runtime_error);
}

TEST(ComputeThread, AJobMaySubmitJobsAndLoops) {
  EXPECT_EQ(on_compute_thread([] { return compute_id(); }), compute_id());
  EXPECT_EQ(on_compute_thread([] { return sum_to(100); }), 99 * 100 / 2);
  std::atomic<int64_t> sum = 0;
  parallel_for(4, 1, [&](int64_t, int64_t) { sum += sum_to(100); });  // in the pool's other threads
  EXPECT_EQ(sum, 4 * 99 * 100 / 2);
}

TEST(ComputeThread, OneBlockStaysOnTheCaller) {
  std::thread::id id;
  parallel_for(10, 10, [&](int64_t, int64_t) { id = std::this_thread::get_id(); });
  EXPECT_EQ(id, std::this_thread::get_id());
}

TEST(ComputeThread, OpenMpComputesTheSameLoops) {
  on_compute_thread([] {
    const WithThreads three(3);
    const WithOpenMp with(true);
    EXPECT_TRUE(loops_on_openmp());
    EXPECT_EQ(omp_get_max_threads(), 3);
    EXPECT_EQ(team_size(), 3);
    EXPECT_EQ(sum_to(100), 99 * 100 / 2);
    std::atomic<int64_t> sum = 0;
    parallel_for(4, 1, [&](int64_t, int64_t) { sum += sum_to(100); });
    EXPECT_EQ(sum, 4 * 99 * 100 / 2);
  });
  EXPECT_FALSE(on_compute_thread([] { return loops_on_openmp(); }));
}

TEST(ComputeThread, EachJobHasItsOwnNumberOfThreads) {
  std::vector<std::thread> callers;
  for (const int threads : {1, 2, 3}) {
    callers.emplace_back([threads] {
      const WithThreads with(threads);
      for (int call = 0; call < 50; ++call) ASSERT_EQ(team_size(), threads);
    });
  }
  join_all(callers);
}

TEST(ComputeThread, TheNumberOfThreadsEndsWithItsScope) {
  const int all = thread_count();
  {
    const WithThreads three(3);
    {
      const WithThreads two(2);
      EXPECT_EQ(thread_count(), 2);
      on_compute_thread([] {
        EXPECT_EQ(thread_count(), 2);
        const WithThreads one(1);
        EXPECT_EQ(team_size(), 1);
      });
    }
    EXPECT_EQ(thread_count(), 3);
    EXPECT_EQ(team_size(), 3);
  }
  EXPECT_EQ(thread_count(), all);
}

TEST(ComputeThread, LeavesOpenMpOfTheCallerAlone) {
  omp_set_num_threads(5);
  const WithThreads two(2);
  EXPECT_EQ(sum_to(100), 99 * 100 / 2);
  EXPECT_EQ(omp_get_max_threads(), 5);
}

TEST(ComputeThread, DoesNotInheritTheModesOfItsFirstCaller) {
  std::thread caller([] {
    std::fesetround(FE_UPWARD);
    EXPECT_EQ(on_compute_thread([] { return std::fegetround(); }), FE_TONEAREST);
    EXPECT_EQ(std::fegetround(), FE_UPWARD);
    std::atomic<int> upward = 0, threads = 0;
    in_team([&] {
      upward += std::fegetround() != FE_TONEAREST;
      ++threads;
      while (threads < thread_count()) std::this_thread::yield();
    });
    EXPECT_EQ(upward, 0);
  });
  caller.join();
}

TEST(ComputeThread, LeavesSignalsForTheProcessToTheHost) {
  sigset_t before, blocked, after;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
  on_compute_thread([&] { ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked); });
  ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD}) {
    EXPECT_EQ(::sigismember(&blocked, signal), 1) << signal;
    EXPECT_EQ(::sigismember(&after, signal), ::sigismember(&before, signal)) << signal;
  }
  EXPECT_EQ(::sigismember(&blocked, SIGBUS), 0);  // a mapped file that became shorter
}

// Whether a child forked now can compute. A child that waits forever is ended by a signal.
bool child_computes() {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);
    const WithThreads two(2);
    ::_exit(sum_to(1000) == 999 * 1000 / 2 && team_size() == 2 ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ComputeThread, AForkedProcessComputes) {
  EXPECT_TRUE(child_computes());  // before any use
  const WithThreads two(2);
  EXPECT_EQ(sum_to(1000), 999 * 1000 / 2);
  EXPECT_TRUE(child_computes());
  EXPECT_EQ(sum_to(1000), 999 * 1000 / 2);
}

TEST(ComputeThread, AProcessForkedDuringComputationsComputes) {
  std::atomic<bool> over = false;
  std::atomic<int64_t> computed = 0;
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 3; ++caller) {
    callers.emplace_back([&] {
      const WithThreads two(2);
      while (!over) computed += sum_to(2000) == 1999 * 2000 / 2;
    });
  }
  for (int fork = 0; fork < 10; ++fork) {
    const int64_t before = computed;
    EXPECT_TRUE(child_computes());
    while (computed == before) std::this_thread::yield();  // the parent computes on
  }
  over = true;
  join_all(callers);
}

}  // namespace
}  // namespace bertune
