// SPDX-License-Identifier: Apache-2.0
// Binary searches in the sorted tables, and the arithmetic of Hangul syllables.
#include "text/unicode.h"

#include <algorithm>

#include "text/find_range.h"
#include "text/unicode_tables.h"

namespace bertune {
namespace {

namespace tables = unicode_tables;

const tables::Mapping* find_mapping(std::span<const tables::Mapping> rows, char32_t code_point) {
  const auto row =
      std::lower_bound(rows.begin(), rows.end(), code_point,
                       [](const tables::Mapping& r, char32_t c) { return r.from < c; });
  return row != rows.end() && row->from == code_point ? &*row : nullptr;
}

void append_mapped(const tables::Mapping& mapping, CodePoints& out) {
  for (const char32_t c : mapping.to) {
    if (c != 0) out.append(c);
  }
}

}  // namespace

bool is_ideograph(char32_t code_point) { return find_range(tables::kIdeographs, code_point); }
bool is_punctuation(char32_t code_point) { return find_range(tables::kPunctuation, code_point); }

bool is_nonspacing_mark(char32_t code_point) {
  return find_range(tables::kNonspacingMarks, code_point);
}

uint8_t combining_rank(char32_t code_point) {
  const auto* row = find_range(tables::kNonStarters, code_point);
  return row ? row->rank : 0;
}

CodePoints decompose(char32_t code_point) {
  if (code_point >= kFirstHangul && code_point <= kLastHangul) return decompose_hangul(code_point);
  CodePoints out;
  if (const auto* mapping = find_mapping(tables::kDecompositions, code_point)) {
    append_mapped(*mapping, out);
  } else {
    out.append(code_point);
  }
  return out;
}

CodePoints decompose_hangul(char32_t syllable) {
  constexpr char32_t kFirstLead = 0x1100, kFirstVowel = 0x1161, kBeforeFirstTail = 0x11A7;
  constexpr char32_t kTails = 28, kVowelsTimesTails = 21 * kTails;
  const char32_t index = syllable - kFirstHangul;
  CodePoints out;
  out.append(kFirstLead + index / kVowelsTimesTails);
  out.append(kFirstVowel + index % kVowelsTimesTails / kTails);
  if (index % kTails != 0) out.append(kBeforeFirstTail + index % kTails);
  return out;
}

void append_lower_case(char32_t code_point, CodePoints& out) {
  if (const auto* longer = find_mapping(tables::kLowerCaseLonger, code_point)) {
    append_mapped(*longer, out);
    return;
  }
  const auto* row = find_range(tables::kLowerCase, code_point);
  const bool applies = row && (code_point - row->first) % row->step == 0;
  out.append(applies ? code_point + row->delta : code_point);
}

}  // namespace bertune
