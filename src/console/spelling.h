// SPDX-License-Identifier: Apache-2.0
// Finds the nearest of some names, so that front ends can suggest a correction for a typo.
#pragma once

#include "base/spelling.h"
