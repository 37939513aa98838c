// SPDX-License-Identifier: Apache-2.0
// Converts results to Python lists and dicts.
#pragma once

#include <pybind11/pybind11.h>

#include <filesystem>

#include "bertune/bertune.h"

namespace bertune {

// {'QA Metric': {'exact_match': 80.7, 'f1': 88.3}}
pybind11::dict to_python(const Evaluation& evaluation);

// `flat`: a dict per input; otherwise a list of dicts per input.
pybind11::list to_python(const Predictions& predictions, bool flat);

}  // namespace bertune
