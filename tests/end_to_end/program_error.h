// SPDX-License-Identifier: Apache-2.0
// The expected form of every user error: one message, its hint, an exit code, and no other output.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "end_to_end/run_program.h"

namespace bertune {

// Expects one message, "error: ..." and then "hint: ...", that contains `part`, and nothing on
// standard output.
inline void expect_error(const ProgramResult& result, int exit_code, const std::string& part) {
  EXPECT_EQ(result.exit_code, exit_code) << result.err;
  EXPECT_NE(result.err.find("error: "), std::string::npos) << result.err;
  EXPECT_NE(result.err.find(part), std::string::npos) << "no '" << part << "' in:\n" << result.err;
  EXPECT_NE(result.err.find("hint: "), std::string::npos) << result.err;
  EXPECT_EQ(result.out, "");
}

// Expects that the program's log output contains `part`.
inline void expect_said(const std::string& log, const std::string& part) {
  EXPECT_NE(log.find(part), std::string::npos) << "no '" << part << "' in:\n" << log;
}

}  // namespace bertune
