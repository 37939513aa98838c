// SPDX-License-Identifier: Apache-2.0
#include "base/compute_thread.h"

#include <omp.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>

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
thread_local int threads_of_job = 0;  // 0: all cores

int all_cores() {
  static const int cores = usable_cores(omp_get_num_procs());
  return cores;
}

void use_threads(int threads) {
  threads_of_job = threads;
  if (in_pool) omp_set_num_threads(threads > 0 ? threads : all_cores());
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
  use_threads(job.threads);
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
    first_ = last_ = nullptr;
    forks_ = 0;
    // Not destroyed, because that would wait for threads that this process does not have.
    new (&wanted_) std::condition_variable;
    new (&idle_) std::condition_variable;
    mutex_.unlock();
  }

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
    join_compute_pool();
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
  use_threads(static_cast<int>(threads));
}
WithThreads::~WithThreads() { use_threads(before_); }

int thread_count() {
  if (in_pool) return omp_get_max_threads();
  return threads_of_job > 0 ? threads_of_job : all_cores();
}

bool in_compute_pool() { return in_pool; }
void join_compute_pool() { in_pool = true; }

void submit_and_wait(const std::function<void()>& work) {
  Job job{.work = work, .threads = thread_count(), .failure = {}, .done = {}};
  compute_thread().submit(job);
  job.done.wait();
  if (job.failure) std::rethrow_exception(job.failure);
}

}  // namespace bertune
