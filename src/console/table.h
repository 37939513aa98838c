// SPDX-License-Identifier: Apache-2.0
// Text in aligned columns, and the profile table.
#pragma once

#include <string>
#include <vector>

#include "bertune/training.h"

namespace bertune {

using TableRow = std::vector<std::string>;

// One line per row. The first `texts` columns are left-aligned; the others hold numbers and are
// right-aligned. Rows may have different numbers of cells.
std::vector<std::string> align(const std::vector<TableRow>& rows, size_t texts);

// A row per op and place: calls, total time, share of the steps' time, and FLOP or bytes per
// second. Two last rows give the time outside ops and the total.
std::vector<std::string> profile_lines(const Profile& profile);

std::string format_percent(double share);                            // "12.3%"
std::string format_rate(double flop, double bytes, double seconds);  // "812.3 GFLOP/s", "9.1 GB/s"

}  // namespace bertune
