// SPDX-License-Identifier: Apache-2.0
// What Python hands over to predict, evaluate and train: texts, dicts, checkpoints.
#pragma once

#include <pybind11/pybind11.h>

#include <string>
#include <vector>

#include "bertune/bertune.h"

namespace bertune {

// None and False, True, or a str or path. Throws TypeError that names the argument.
Weights to_weights(const char* argument, pybind11::handle given);

// UTF-8 of a str; a surrogate that stands alone becomes U+FFFD, so that offsets stay.
std::string to_text(pybind11::handle str);

// Places in errors count from `first`. Throws TypeError, and Error{kInput} for a dict of other
// keys, that name the place.
std::vector<Input> to_inputs(const pybind11::list& given, int64_t first);

}  // namespace bertune
