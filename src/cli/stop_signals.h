// SPDX-License-Identifier: Apache-2.0
// SIGINT, SIGTERM and SIGHUP as requests to stop. The first signal is recorded for the program to
// poll. A second one ends the process immediately, except for SIGHUP, because a closing terminal
// sends several. Both are acknowledged on standard error, because a training step may take long.
#pragma once

#include <signal.h>

#include <string>

namespace bertune {

// The messages written at the first signal, and at the one that ends the process.
struct StopWords {
  std::string first;
  std::string second;
};

// Handles the signals from listen() to release(), then restores the previous handlers. Signals that
// were ignored, as in a shell's background jobs, stay ignored. Only one object may exist at a time,
// because signal handlers belong to the process.
class StopSignals {
 public:
  StopSignals() = default;
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void listen(StopWords words);
  void release();

  int received() const;  // the first signal, or 0

 private:
  StopWords words_;
  bool listening_ = false;
  struct sigaction before_[3]{};
};

}  // namespace bertune
