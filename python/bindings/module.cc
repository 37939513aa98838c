// SPDX-License-Identifier: Apache-2.0
// The extension module bertune._core: the public API with Python types. Every call releases the GIL
// while C++ works.
#include <pybind11/pybind11.h>

#include "bindings/bind.h"
#include "bindings/errors.h"

PYBIND11_MODULE(_core, module) {
  module.doc() = "Extension module of bertune. Import the package bertune instead.";
  module.attr("__version__") = BERTUNE_VERSION;
  bertune::translate_errors();
  bertune::bind_trainer(module);
  bertune::bind_predictor(module);
  bertune::bind_tokenizer(module);
  bertune::bind_functions(module);
}
