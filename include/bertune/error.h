// SPDX-License-Identifier: Apache-2.0
// The one exception type that leaves the library: what happened, to what, and how to mend it.
// Callers decide whether to print; the library itself never prints an error and never exits.
#pragma once

#include <exception>
#include <string>
#include <utility>

namespace bertune {

enum class ErrorKind {
  kUsage,      // an option or argument that cannot be meant (the program exits with 2)
  kInput,      // a file or text whose content is not what it must be
  kSystem,     // the operating system refused: missing file, permission, full disk
  kNumerical,  // training diverged: a loss or a gradient that is not finite
  kInternal,   // a broken promise of our own code; please report it
};

class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message, std::string hint = {})
      : kind_(kind), message_(std::move(message)), hint_(std::move(hint)) {}

  ErrorKind kind() const { return kind_; }
  const std::string& message() const { return message_; }  // what happened, with the values
  const std::string& hint() const { return hint_; }        // how to fix it; may be empty
  const char* what() const noexcept override { return message_.c_str(); }

 private:
  ErrorKind kind_;
  std::string message_;
  std::string hint_;
};

}  // namespace bertune
