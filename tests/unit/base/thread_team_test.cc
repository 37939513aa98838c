// SPDX-License-Identifier: Apache-2.0
// A loop waits for threads that execute its body and for no others.
#include "base/thread_team.h"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <set>
#include <thread>
#include <vector>

namespace bertune {
namespace {

// Never destroyed, because their threads run until the process ends.
ThreadTeam& new_team() { return *new ThreadTeam; }

void wait_until(const std::atomic<int>& value, int wanted) {
  while (value < wanted) std::this_thread::yield();
}

TEST(ThreadTeam, NumbersItsThreads) {
  ThreadTeam& team = new_team();
  for (const int threads : {1, 4, 2, 4}) {
    std::atomic<int> arrived = 0;
    std::vector<std::thread::id> ids(threads);
    team.run(threads, [&](int index) {
      ids[index] = std::this_thread::get_id();
      ++arrived;
      wait_until(arrived, threads);
    });
    EXPECT_EQ(arrived, threads);
    EXPECT_EQ(ids[0], std::this_thread::get_id());
    EXPECT_EQ(std::set(ids.begin(), ids.end()).size(), static_cast<size_t>(threads));
  }
}

std::atomic<int> is_held = 0, is_released = 0;

// A signal handler that keeps its thread from executing anything else, as a scheduler can.
void hold(int) {
  is_held = 1;
  while (is_released == 0) ::usleep(100);
}

TEST(ThreadTeam, DoesNotWaitForAThreadThatIsNotScheduled) {
  ThreadTeam& team = new_team();
  std::atomic<int> arrived = 0;
  ::pthread_t helper;
  team.run(2, [&](int index) {
    if (index == 1) helper = ::pthread_self();
    ++arrived;
    wait_until(arrived, 2);
  });
  struct sigaction handler = {}, before;
  handler.sa_handler = hold;
  ::sigaction(SIGUSR1, &handler, &before);
  ::pthread_kill(helper, SIGUSR1);
  wait_until(is_held, 1);
  int calls = 0, calls_by_helper = 0;
  for (int loop = 0; loop < 10; ++loop) {
    team.run(2, [&](int index) { ++(index == 0 ? calls : calls_by_helper); });
  }
  is_released = 1;
  ::sigaction(SIGUSR1, &before, nullptr);
  EXPECT_EQ(calls, 10);
  EXPECT_EQ(calls_by_helper, 0);
}

TEST(ThreadTeam, WaitsForTheBlockOfAThreadThatHasArrived) {
  ThreadTeam& team = new_team();
  for (int loop = 0; loop < 20; ++loop) {
    std::atomic<int> arrived = 0;
    std::atomic<bool> is_done = false;
    team.run(2, [&](int index) {
      ++arrived;
      wait_until(arrived, 2);
      if (index == 0) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // the caller falls asleep
      is_done = true;
    });
    EXPECT_TRUE(is_done);
  }
}

TEST(ThreadTeam, WakesThreadsThatSleep) {
  ThreadTeam& team = new_team();
  for (int loop = 0; loop < 20; ++loop) {
    std::atomic<int> arrived = 0;
    team.run(3, [&](int) {
      ++arrived;
      wait_until(arrived, 3);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // longer than they spin
  }
}

TEST(ThreadTeam, SumsOfShortLoopsAreComplete) {
  ThreadTeam& team = new_team();
  int64_t sum = 0;
  for (int loop = 0; loop < 20000; ++loop) {
    std::atomic<int> next = 0;
    int64_t parts[3] = {};
    team.run(3, [&](int index) {
      while (next++ < 10) ++parts[index];
    });
    sum += parts[0] + parts[1] + parts[2];
  }
  EXPECT_EQ(sum, 20000 * 10);
}

}  // namespace
}  // namespace bertune
