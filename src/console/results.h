// SPDX-License-Identifier: Apache-2.0
// Results as text and as JSON, for front ends. The implementation is in predict/, because the
// server uses it too.
#pragma once

#include "predict/results_json.h"
