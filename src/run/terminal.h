// How wide the terminal is and how time is written on it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

namespace bertune {

// Of standard error, less the last column: a line that wraps cannot be refreshed.
size_t terminal_width();

std::string clock_time(double seconds);  // "1:02:03"

}  // namespace bertune
