// SPDX-License-Identifier: Apache-2.0
// A short name for a set of windows, by which a run knows its data again.
#pragma once

#include <string>

#include "batch/window.h"

namespace bertune {

// Of all that training sees: tokens, cuts, order, targets; not where the texts came from.
std::string fingerprint_of(const WindowSet& set);

}  // namespace bertune
