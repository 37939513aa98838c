// SPDX-License-Identifier: Apache-2.0
// The only exception type that leaves the library: a message with the values, and a hint how to fix
// the error. Callers decide whether to print it. The library never prints an error and never exits.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

enum class ErrorKind {
  kUsage,      // an option or argument with an invalid value (the program exits with 2)
  kInput,      // a file or text with invalid content
  kSystem,     // the operating system reported an error: missing file, permission, full disk
  kNumerical,  // training diverged: a loss or a gradient is not finite
  kInternal,   // a bug in bertune; please report it
};

// A placeholder for an option in an Error's text. Each front end replaces it by its own spelling.
// option("max_seq_length") names the option, option("max_seq_length", "128") a setting of it.
std::string option(std::string_view name);
std::string option(std::string_view name, std::string_view value);

// Spells an option for one front end, or a setting of it if `value` is given.
using OptionSpelling =
    std::function<std::string(std::string_view name, std::optional<std::string_view> value)>;

class Error : public std::exception {
 public:
  // Both texts may contain placeholders of option().
  Error(ErrorKind kind, std::string message, std::string hint = {});

  ErrorKind kind() const { return kind_; }

  // message(): what happened, with the values. hint(): how to fix it; may be empty. Without a
  // `spelling`, options appear as in C++ and Python: `max_seq_length` or `max_seq_length=128`.
  std::string message() const { return what_; }
  std::string hint() const;
  std::string message(const OptionSpelling& spelling) const;
  std::string hint(const OptionSpelling& spelling) const;
  const char* what() const noexcept override { return what_.c_str(); }

  // The names of the options that the two texts mention, in order, without duplicates.
  std::vector<std::string> options() const;

  // Copies of this error with more context: a prefix such as "input 3", or an extended hint.
  Error at(std::string_view place) const;
  Error with_hint(std::string_view more) const;

 private:
  ErrorKind kind_;
  std::string message_, hint_;  // with the placeholders of option()
  std::string what_;
};

}  // namespace bertune
