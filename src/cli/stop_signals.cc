// SPDX-License-Identifier: Apache-2.0
#include "cli/stop_signals.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <iterator>
#include <utility>

namespace bertune {
namespace {

constexpr int kSignals[] = {SIGINT, SIGTERM, SIGHUP};

// Signal handlers can only reach static objects.
std::atomic<int> first_signal{0};
std::atomic<const StopWords*> words_now{nullptr};
static_assert(std::atomic<int>::is_always_lock_free &&
                  std::atomic<const StopWords*>::is_always_lock_free,
              "a signal handler may only use lock-free atomics");

void say(const std::string& text) {
  [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, text.data(), text.size());
}

void remember(int signal) {
  const int code = errno;  // of the interrupted code
  const StopWords& words = *words_now;
  int none = 0;
  if (first_signal.compare_exchange_strong(none, signal)) {
    say(words.first);
  } else if (signal != SIGHUP) {
    say(words.second);
    ::_exit(128 + signal);
  }
  errno = code;
}

}  // namespace

StopSignals::~StopSignals() { release(); }

void StopSignals::listen(StopWords words) {
  words_ = std::move(words);
  words_now = &words_;
  first_signal = 0;
  listening_ = true;
  struct sigaction action {};
  action.sa_handler = remember;
  action.sa_flags = SA_RESTART;
  ::sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < std::size(kSignals); ++i) {
    ::sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) ::sigaction(kSignals[i], &action, nullptr);
  }
}

void StopSignals::release() {
  if (!listening_) return;
  listening_ = false;
  for (size_t i = 0; i < std::size(kSignals); ++i) ::sigaction(kSignals[i], &before_[i], nullptr);
}

int StopSignals::received() const { return first_signal; }

}  // namespace bertune
