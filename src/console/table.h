// SPDX-License-Identifier: Apache-2.0
// Text in aligned columns, and the table of where the time of steps went.
#pragma once

#include <string>
#include <vector>

#include "bertune/training.h"

namespace bertune {

using TableRow = std::vector<std::string>;

// One line a row. The first `texts` columns are aligned to the left, the others, numbers, to the
// right. A row may have fewer cells than others.
std::vector<std::string> align(const std::vector<TableRow>& rows, size_t texts);

// Op, place, calls, total time, share of the steps' time, and FLOP or bytes a second; then what
// lies outside ops, and the sum.
std::vector<std::string> profile_lines(const Profile& profile);

std::string format_percent(double share);                            // "12.3%"
std::string format_rate(double flop, double bytes, double seconds);  // "812.3 GFLOP/s", "9.1 GB/s"

}  // namespace bertune
