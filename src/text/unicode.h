// SPDX-License-Identifier: Apache-2.0
// Properties of single code points, looked up in the measured tables (unicode_tables.h). Only for
// building char_rules and for rare marks: ordinary characters never get here.
#pragma once

#include <array>
#include <cstdint>

namespace bertune {

// A short list of code points: a decomposition has at most four.
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

// The rank of a code point's combining class among all classes; 0 for a starter, which canonical
// reordering never moves.
uint8_t combining_rank(char32_t code_point);

// Full canonical decomposition (NFD without reordering), or the code point itself if it has none.
CodePoints decompose(char32_t code_point);

constexpr char32_t kFirstHangul = 0xAC00;
constexpr char32_t kLastHangul = 0xD7A3;

// Hangul syllables decompose by arithmetic (The Unicode Standard, section 3.12).
CodePoints decompose_hangul(char32_t syllable);

// Appends the lower-case form of `code_point`, which may be several code points.
void append_lower_case(char32_t code_point, CodePoints& out);

}  // namespace bertune
