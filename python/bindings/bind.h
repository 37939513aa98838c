// SPDX-License-Identifier: Apache-2.0
// The parts of the extension module bertune._core. The classes that users meet, with the words
// about them, are in python/bertune/; only Encoding is bound as it is.
#pragma once

#include <pybind11/pybind11.h>

namespace bertune {

void bind_trainer(pybind11::module_& module);
void bind_predictor(pybind11::module_& module);
void bind_tokenizer(pybind11::module_& module);
void bind_functions(pybind11::module_& module);

}  // namespace bertune
