// SPDX-License-Identifier: Apache-2.0
// CHECK: an invariant of our own code. A failed check throws Error{kInternal} with its source
// location in every build type, because a wrong answer is worse than a stop. Faults of the user's
// input are Errors of other kinds, thrown where they are found.
#pragma once

#include <string>

#include "bertune/error.h"

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) [[unlikely]]                           \
      ::bertune::fail_check(__FILE__, __LINE__, #condition); \
  } while (false)

namespace bertune {

[[noreturn]] inline void fail_check(const char* file, int line, const char* condition) {
  throw Error(ErrorKind::kInternal,
              std::string(file) + ":" + std::to_string(line) + ": check failed: " + condition,
              "this is a bug in bertune; please report it with the command that led here");
}

}  // namespace bertune
