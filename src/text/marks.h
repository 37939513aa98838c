// SPDX-License-Identifier: Apache-2.0
// Canonical reordering (The Unicode Standard, section 3.11, D109) of a run of combining marks, with
// the same source ranges for moved marks as the reference. It is rare: only runs with a mark that
// accent stripping keeps need it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "text/char_rules.h"

namespace bertune {

struct PlacedCodePoint {
  char32_t code_point;
  uint32_t begin;  // bytes of the source text
  uint32_t end;
};

// Reads the run of marks at `position`, which must be a kMark. Appends what remains of it after
// decomposition, reordering and stripping to `kept`. Returns the end of the run.
size_t read_marks(const CharRules& rules, std::string_view text, size_t position,
                  std::vector<PlacedCodePoint>& kept);

}  // namespace bertune
