// SPDX-License-Identifier: Apache-2.0
// What the reference tokenizer knows about code points, as sorted ranges. The data is in
// unicode_tables.cc, which tools/generate_unicode_tables.py writes; docs/tokenizer.md says how it
// was measured. Its parts follow different Unicode versions, as the reference's do.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace bertune::unicode_tables {

struct Range {
  char32_t first;
  char32_t last;  // inclusive
};

// Non-starters. `rank` orders canonical combining classes: 1 is the lowest that is not 0.
struct RankedRange {
  char32_t first;
  char32_t last;
  uint8_t rank;
};

// Code points first, first + step, ... last become themselves + delta in lower case.
struct CaseRange {
  char32_t first;
  char32_t last;
  uint8_t step;
  int32_t delta;
};

// One code point that becomes several; unused places are 0.
struct Mapping {
  char32_t from;
  std::array<char32_t, 4> to;
};

extern const std::span<const Range> kDropped;            // removed by cleaning
extern const std::span<const Range> kSpaces;             // made a space by cleaning
extern const std::span<const Range> kIdeographs;         // set between spaces
extern const std::span<const Range> kPunctuation;        // a word of its own
extern const std::span<const Range> kNonspacingMarks;    // removed with the accents
extern const std::span<const RankedRange> kNonStarters;  // moved by canonical reordering
extern const std::span<const Mapping> kDecompositions;   // full NFD, without Hangul syllables
extern const std::span<const CaseRange> kLowerCase;      // to one code point
extern const std::span<const Mapping> kLowerCaseLonger;  // to several

}  // namespace bertune::unicode_tables
