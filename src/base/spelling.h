// SPDX-License-Identifier: Apache-2.0
// The name that a misspelt one most likely stands for, used in the hints of error messages.
// Compares bytes and knows nothing of Unicode.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace bertune {

// The number of bytes to insert, delete or replace to turn `a` into `b` (Levenshtein distance).
size_t edit_distance(std::string_view a, std::string_view b);

// The name closest to `given`, and the first of several; `names` must not be empty.
std::string nearest_name(std::string_view given, std::span<const std::string> names);

}  // namespace bertune
