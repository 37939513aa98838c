// SPDX-License-Identifier: Apache-2.0
// SIGINT, SIGTERM and SIGHUP as a request to stop: the first one is remembered, for whoever asks; a
// second one ends the process at once, but for SIGHUP, of which a terminal that goes away sends
// several. They are answered on standard error, because a step may be long.
#pragma once

#include <signal.h>

#include <string>

namespace bertune {

// What is written at the first signal, and at the one that ends the process.
struct StopWords {
  std::string first;
  std::string second;
};

// From listen() to release() the signals are ours; before and after they are what they were. One
// that is ignored, as in a shell's background jobs, stays so. One object at a time, because signal
// handlers are the process's.
class StopSignals {
 public:
  StopSignals() = default;
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  void listen(StopWords words);
  void release();

  int received() const;  // the first one; 0: none yet

 private:
  StopWords words_;
  bool listening_ = false;
  struct sigaction before_[3]{};
};

}  // namespace bertune
