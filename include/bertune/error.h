// SPDX-License-Identifier: Apache-2.0
// The one exception type that leaves the library: what happened, to what, and how to fix it.
// Callers decide whether to print; the library itself never prints an error and never exits.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bertune {

enum class ErrorKind {
  kUsage,      // an option or argument without a sensible meaning (the program exits with 2)
  kInput,      // a file or text whose content is not what it must be
  kSystem,     // the operating system refused: missing file, permission, full disk
  kNumerical,  // training diverged: a loss or a gradient is not finite
  kInternal,   // a bug in bertune; please report it
};

// The place of an option in an Error's text, which each front end fills with its own spelling:
// option("max_seq_length") for the option, option("max_seq_length", "128") for a setting of it.
std::string option(std::string_view name);
std::string option(std::string_view name, std::string_view value);

// How a front end spells an option, and a setting where there is a value.
using OptionSpelling =
    std::function<std::string(std::string_view name, std::optional<std::string_view> value)>;

class Error : public std::exception {
 public:
  // Both texts may hold places of options.
  Error(ErrorKind kind, std::string message, std::string hint = {});

  ErrorKind kind() const { return kind_; }

  // What happened, with the values; and how to fix it, which may be empty. Options are spelled as
  // in C++ and Python, `max_seq_length` and `max_seq_length=128`, or as a front end wants it.
  std::string message() const { return what_; }
  std::string hint() const;
  std::string message(const OptionSpelling& spelling) const;
  std::string hint(const OptionSpelling& spelling) const;
  const char* what() const noexcept override { return what_.c_str(); }

  // The names of the options that the texts mention, in order, each once.
  std::vector<std::string> options() const;

  // The same error with more said: "input 3: the text has no dash"; a longer hint.
  Error at(std::string_view place) const;
  Error with_hint(std::string_view more) const;

 private:
  ErrorKind kind_;
  std::string message_, hint_;  // with the places of options
  std::string what_;
};

}  // namespace bertune
