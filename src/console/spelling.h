// SPDX-License-Identifier: Apache-2.0
// The nearest of some names, for front ends that meet a name with a typo.
#pragma once

#include "base/spelling.h"
