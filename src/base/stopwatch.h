// SPDX-License-Identifier: Apache-2.0
// Elapsed seconds of the steady clock since construction. Relies on std::chrono, which the rest of
// the code need not convert.
#pragma once

#include <chrono>

namespace bertune {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace bertune
