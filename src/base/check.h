// SPDX-License-Identifier: Apache-2.0
// CHECK: a promise that our own code makes to itself. A broken one throws Error{kInternal} with its
// place, in every build type, because a wrong answer is worse than a stop.
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
              std::string(file) + ":" + std::to_string(line) + ": broken promise: " + condition,
              "this is a fault of bertune; please report it with the command that led here");
}

}  // namespace bertune
