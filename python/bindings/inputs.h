// SPDX-License-Identifier: Apache-2.0
// Converts Python arguments of predict, evaluate and train: texts, dicts, checkpoints.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "bertune/bertune.h"

namespace bertune {

// A str, or a dict with the parts of the input.
pybind11::object to_python(const Input& input);

// Accepts None, False, True, a str or a path. Throws TypeError with the argument's name.
Weights to_weights(const char* argument, pybind11::handle given);

// A str as UTF-8. A lone surrogate becomes U+FFFD, so that offsets do not change.
std::string to_text(pybind11::handle str);

// Input numbers in errors count from `first`. Throws TypeError, or Error{kInput} for a dict with
// other keys; both name the input.
std::vector<Input> to_inputs(const pybind11::list& given, int64_t first);

}  // namespace bertune
