// SPDX-License-Identifier: Apache-2.0
// expect_error: expects that a function throws Error of a kind with all of the given parts in its
// message.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <initializer_list>
#include <optional>
#include <string>

#include "bertune/error.h"

namespace bertune {

inline std::optional<Error> error_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return {};
}

inline void expect_error(ErrorKind kind, std::initializer_list<std::string> parts,
                         const std::function<void()>& work) {
  const std::optional<Error> error = error_of(work);
  ASSERT_TRUE(error.has_value()) << "nothing was thrown";
  EXPECT_EQ(error->kind(), kind) << error->message();
  for (const std::string& part : parts)
    EXPECT_NE(error->message().find(part), std::string::npos)
        << "'" << part << "' is not in: " << error->message();
}

}  // namespace bertune
