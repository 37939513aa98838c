// SPDX-License-Identifier: Apache-2.0
// Canonical reordering (The Unicode Standard, section 3.11, D109) of a run of combining marks, with
// the ranges that the reference gives to marks that changed places. Rare: only runs that hold a
// mark which is not stripped with the accents come this far.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/char_rules.h"

namespace bertune {

struct PlacedCodePoint {
  char32_t code_point;
  uint32_t begin;  // bytes of the text
  uint32_t end;
};

// Reads the run of marks that begins at `position`, where a kMark stands. Appends what is left of
// it after decomposition, reordering and stripping to `kept`; returns where the run ends.
size_t read_marks(const CharRules& rules, std::string_view text, size_t position,
                  std::vector<PlacedCodePoint>& kept);

}  // namespace bertune
