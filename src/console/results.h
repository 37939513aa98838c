// SPDX-License-Identifier: Apache-2.0
// Results as text and as JSON, for front ends. The server reads and writes them too, so that they
// live in predict/.
#pragma once

#include "predict/results_json.h"
