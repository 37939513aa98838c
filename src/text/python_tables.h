// SPDX-License-Identifier: Apache-2.0
// What Python 3.11's str knows about code points, as sorted ranges. The data is in
// python_tables.cc, which tools/generate_python_tables.py writes.
#pragma once

#include <cstdint>
#include <span>

namespace bertune::python_tables {

struct Range {
  char32_t first;
  char32_t last;  // inclusive
};

// Code points first, first + step, ... last become themselves + delta.
struct CaseRange {
  char32_t first;
  char32_t last;
  uint8_t step;
  int32_t delta;
};

extern const std::span<const Range> kSpaces;         // str.isspace()
extern const std::span<const Range> kWords;          // re's \w
extern const std::span<const Range> kCased;          // make a sigma behind them a final one
extern const std::span<const Range> kCaseIgnorable;  // a sigma looks through them
extern const std::span<const CaseRange> kLowerCase;  // to one code point

}  // namespace bertune::python_tables
