// SPDX-License-Identifier: Apache-2.0
// Maps bertune::Error to the exception classes of python/bertune/errors.py.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

namespace bertune {

// From then on, an Error thrown by a bound function becomes the Python exception of its kind.
void translate_errors();

// Throws a TypeError such as "epochs must be an int, not str".
[[noreturn]] void throw_wrong_type(const std::string& argument, const char* wanted,
                                   pybind11::handle given);

}  // namespace bertune
