// SPDX-License-Identifier: Apache-2.0
// The contract of engine.h on the plain loops of reference.h, in one element type: double is the
// oracle of the tests, float the portable engine that needs no library.
#pragma once

#include <memory>

#include "engine/engine.h"

namespace bertune {

template <typename Scalar>  // float or double
std::unique_ptr<Engine> make_reference_engine();

}  // namespace bertune
