// SPDX-License-Identifier: Apache-2.0
// Properties of single code points, looked up in the measured tables. These searches are for
// building char_rules and for rare marks; no ordinary character passes here.
#pragma once

#include <array>
#include <cstdint>

namespace bertune {

// A few code points: a decomposition has at most four.
struct CodePoints {
  std::array<char32_t, 8> values{};
  uint32_t count = 0;

  void append(char32_t code_point) { values[count++] = code_point; }
  const char32_t* begin() const { return values.data(); }
  const char32_t* end() const { return values.data() + count; }
};

bool is_ideograph(char32_t code_point);
bool is_punctuation(char32_t code_point);
bool is_nonspacing_mark(char32_t code_point);

// The place of a code point's combining class among the classes; 0 for a starter, which canonical
// reordering does not move.
uint8_t combining_rank(char32_t code_point);

// Full canonical decomposition (NFD without reordering); the code point itself where it has none.
CodePoints decompose(char32_t code_point);

constexpr char32_t kFirstHangul = 0xAC00;
constexpr char32_t kLastHangul = 0xD7A3;

// Hangul syllables decompose by arithmetic (The Unicode Standard, section 3.12).
CodePoints decompose_hangul(char32_t syllable);

// Appends the lower case of `code_point`.
void append_lower_case(char32_t code_point, CodePoints& out);

}  // namespace bertune
