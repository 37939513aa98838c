// SPDX-License-Identifier: Apache-2.0
// The name that somebody may have meant.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

// Characters to insert, delete or exchange to turn `a` into `b` (Levenshtein's distance).
size_t edit_distance(std::string_view a, std::string_view b);

// The name closest to `given`, the first of several; `names` is not empty.
std::string nearest_name(std::string_view given, std::span<const std::string> names);

}  // namespace bertune
