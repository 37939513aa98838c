// SPDX-License-Identifier: Apache-2.0
// The extension module bertune._core: the public API with Python's types. Every call lets go of the
// GIL while C++ works.
#include <pybind11/pybind11.h>

#include "bindings/bind.h"
#include "bindings/errors.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "The C++ half of bertune; use the names of the package bertune.";
  module.attr("__version__") = BERTUNE_VERSION;
  bertune::translate_errors();
  bertune::bind_trainer(module);
  bertune::bind_predictor(module);
  bertune::bind_tokenizer(module);
  bertune::bind_functions(module);
}
