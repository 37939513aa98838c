// SPDX-License-Identifier: Apache-2.0
// bertune::Error as Python's exceptions of python/bertune/errors.py.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

namespace bertune {

// From now on an Error that leaves a bound function arrives as the subclass of its kind.
void translate_errors();

// A TypeError: "epochs must be an int, not str".
[[noreturn]] void throw_wrong_type(const std::string& argument, const char* wanted,
                                   pybind11::handle given);

}  // namespace bertune
