// SPDX-License-Identifier: Apache-2.0
// Python's collections of examples as datasets.
#pragma once

#include <pybind11/pybind11.h>

#include <string>

#include "bertune/dataset.h"

namespace bertune {

// If `examples` has an iterable of JSON texts under `argument`, makes `dataset` read from it. A
// pass acquires the GIL for each example, and passes on what the iterable raises.
void set_examples(const pybind11::dict& examples, const char* argument, Dataset& dataset);

}  // namespace bertune
