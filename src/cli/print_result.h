// SPDX-License-Identifier: Apache-2.0
// Prints a result to standard output, one per line. A closed pipe or a full disk is an error.
#pragma once

#include <cstdio>
#include <string>

#include "bertune/error.h"

namespace bertune {

inline void print_part(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    throw Error(ErrorKind::kSystem, "cannot write the result to standard output",
                "check the disk, or the program that reads the output");
  }
}

inline void print_result(const std::string& line) { print_part(line + "\n"); }

}  // namespace bertune
