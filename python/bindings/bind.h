// SPDX-License-Identifier: Apache-2.0
// The parts of the extension module bertune._core. The public classes and their docstrings are in
// python/bertune/; only Encoding is exposed directly.
#pragma once

#include <pybind11/pybind11.h>

namespace bertune {

void bind_trainer(pybind11::module_& module);
void bind_predictor(pybind11::module_& module);
void bind_tokenizer(pybind11::module_& module);
void bind_functions(pybind11::module_& module);

}  // namespace bertune
