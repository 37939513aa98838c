// SPDX-License-Identifier: Apache-2.0
#include "base/compute_thread.h"

#include <omp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <xmmintrin.h>

#include <algorithm>
#include <cerrno>
#include <cfenv>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <new>
#include <thread>

#include "base/cores.h"

namespace bertune {
namespace {

thread_local bool in_pool = false;
thread_local bool on_openmp = false;
thread_local int threads_of_job = 0;  // 0: all cores
thread_local int index_in_loop = -1;  // -1: not in a loop

int all_cores() {
  static const int cores = usable_cores(omp_get_num_procs());
  return cores;
}

// Treats denormal operands and results of this thread as zero. The Adam moments of rare rows decay
// into denormals, which take a processor about a hundred times longer.
void flush_denormals() {
  constexpr unsigned kFlushToZero = 1u << 15, kDenormalsAreZero = 1u << 6;
  ::_mm_setcsr(::_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
}

// Raised once by one thread and awaited by another, which may destroy it as soon as it is raised.
// std::binary_semaphore may miss a wake-up in GCC 12 (GCC bug 104928).
class Signal {
 public:
  Signal() { ::sem_init(&semaphore_, 0, 0); }
  ~Signal() { ::sem_destroy(&semaphore_); }
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

  void raise() { ::sem_post(&semaphore_); }
  void wait() {
    while (::sem_wait(&semaphore_) != 0 && errno == EINTR) {
    }
  }

 private:
  sem_t semaphore_;
};

// Lives on the stack of the thread that waits for it.
struct Job {
  const std::function<void()>& work;
  int threads;
  std::exception_ptr failure;
  Signal done;
  Job* next = nullptr;
};

void perform(Job& job) {
  const WithThreads with(job.threads);
  try {
    job.work();
  } catch (...) {
    job.failure = std::current_exception();
  }
  job.done.raise();
}

// Signals for the process are not delivered to threads that start while this lives, so that the
// host's handlers run on its own threads. Faults and profilers concern the thread itself.
class SignalsLeftToOthers {
 public:
  SignalsLeftToOthers() {
    sigset_t blocked;
    ::sigfillset(&blocked);
    for (const int own : {SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGSYS, SIGPROF}) {
      ::sigdelset(&blocked, own);
    }
    ::pthread_sigmask(SIG_SETMASK, &blocked, &before_);
  }
  ~SignalsLeftToOthers() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsLeftToOthers(const SignalsLeftToOthers&) = delete;
  SignalsLeftToOthers& operator=(const SignalsLeftToOthers&) = delete;

 private:
  sigset_t before_;
};

// Jobs run in the order in which they are submitted. A fork waits until none runs, so that the
// child finds engines and oneDNN's caches whole; jobs of threads that the child lacks are dropped.
class ComputeThread {
 public:
  void submit(Job& job) {
    {
      const std::lock_guard lock(mutex_);
      if (!started_) start();
      (last_ == nullptr ? first_ : last_->next) = &job;
      last_ = &job;
    }
    wanted_.notify_one();
  }

  // Leaves the mutex locked: the forking thread unlocks it in both processes.
  void before_fork() {
    std::unique_lock lock(mutex_);
    ++forks_;
    idle_.wait(lock, [&] { return !busy_; });
    lock.release();
  }
  void after_fork_in_parent() {
    --forks_;
    mutex_.unlock();
    wanted_.notify_one();
  }
  void after_fork_in_child() {
    started_ = false;
    team_.forget_threads();
    first_ = last_ = nullptr;
    forks_ = 0;
    // Not destroyed, because that would wait for threads that this process does not have.
    new (&wanted_) std::condition_variable;
    new (&idle_) std::condition_variable;
    mutex_.unlock();
  }

  ThreadTeam& team() { return team_; }

 private:
  void start() {
    const SignalsLeftToOthers signals;
    std::thread([this] { serve(); }).detach();
    started_ = true;
  }

  // Runs until the process ends.
  void serve() {
    ::pthread_setname_np(::pthread_self(), "compute");
    std::fesetenv(FE_DFL_ENV);  // not the modes of the thread that happened to come first
    flush_denormals();          // both teams inherit the mode from this thread
    in_pool = true;
    for (std::unique_lock lock(mutex_);;) {
      wanted_.wait(lock, [&] { return first_ != nullptr && forks_ == 0; });
      Job& job = take();
      busy_ = true;
      lock.unlock();
      perform(job);
      lock.lock();
      busy_ = false;
      if (forks_ > 0) idle_.notify_all();
    }
  }

  Job& take() {
    Job& job = *first_;
    first_ = job.next;
    if (first_ == nullptr) last_ = nullptr;
    return job;
  }

  std::mutex mutex_;
  std::condition_variable wanted_;  // a job was submitted, or a fork is over
  std::condition_variable idle_;    // no job runs
  Job* first_ = nullptr;
  Job* last_ = nullptr;
  bool started_ = false;
  bool busy_ = false;
  int forks_ = 0;  // that wait or run
  ThreadTeam team_;
};

// Never destroyed, because its thread runs until the process ends.
ComputeThread& compute_thread();

ComputeThread* make_compute_thread() {
  ::pthread_atfork([] { compute_thread().before_fork(); },
                   [] { compute_thread().after_fork_in_parent(); },
                   [] { compute_thread().after_fork_in_child(); });
  return new ComputeThread;
}

ComputeThread& compute_thread() {
  static ComputeThread* const only = make_compute_thread();
  return *only;
}

}  // namespace

WithThreads::WithThreads(int64_t threads) : before_(threads_of_job) {
  threads_of_job = static_cast<int>(threads);
}
WithThreads::~WithThreads() { threads_of_job = before_; }

WithOpenMp::WithOpenMp(bool wanted) : before_(on_openmp) {
  on_openmp |= wanted;
  // oneDNN asks OpenMP how many threads there are.
  if (on_openmp) omp_set_num_threads(thread_count());
}
WithOpenMp::~WithOpenMp() { on_openmp = before_; }

InLoop::InLoop(int index, int threads) : was_in_pool_(in_pool), threads_before_(threads_of_job) {
  in_pool = true;
  threads_of_job = threads;
  index_in_loop = index;
}
InLoop::~InLoop() {
  in_pool = was_in_pool_;
  threads_of_job = threads_before_;
  index_in_loop = -1;
}

int thread_count() { return threads_of_job > 0 ? threads_of_job : all_cores(); }

bool in_compute_pool() { return in_pool; }
bool in_loop() { return index_in_loop >= 0; }
int thread_index() { return std::max(index_in_loop, 0); }
bool loops_on_openmp() { return on_openmp; }
ThreadTeam& compute_team() { return compute_thread().team(); }

void submit_and_wait(const std::function<void()>& work) {
  Job job{.work = work, .threads = thread_count(), .failure = {}, .done = {}};
  compute_thread().submit(job);
  job.done.wait();
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace bertune
