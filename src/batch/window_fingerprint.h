// SPDX-License-Identifier: Apache-2.0
// The fingerprint of a set of windows, by which a resumed run recognises its data. Relies on
// base/fingerprint.
#pragma once

#include <string>

#include "batch/window.h"

namespace bertune {

// Covers everything that training sees: tokens, windows, order, targets and masking. The files that
// the texts came from are not part of it.
std::string fingerprint_of(const WindowSet& set);

}  // namespace bertune
