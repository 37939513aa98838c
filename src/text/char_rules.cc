// SPDX-License-Identifier: Apache-2.0
// Builds the rules from the measured tables, once per tokenizer: long ranges are filled, and a few
// thousand code points get a rule of their own.
#include "text/char_rules.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "text/unicode_tables.h"

namespace bertune {
namespace {

namespace tables = unicode_tables;

using Rules = std::vector<CharRule>;

void fill(Rules& rules, std::span<const tables::Range> ranges, CharKind kind) {
  for (const auto [first, last] : ranges) {
    std::fill(rules.begin() + first, rules.begin() + last + 1, CharRule{kind, 0});
  }
}

bool is_stripped(char32_t c) { return is_nonspacing_mark(c); }
bool is_kept_mark(char32_t c) { return combining_rank(c) != 0 && !is_nonspacing_mark(c); }

// Whether a code point with this decomposition can take part in canonical reordering.
bool needs_reordering(const CodePoints& parts) {
  return combining_rank(parts.values[0]) != 0 ||
         std::any_of(parts.begin(), parts.end(), is_kept_mark);
}

MarkValue mark_value(const CodePoints& parts) {
  if (combining_rank(parts.values[0]) == 0) return kStarterWithMarks;
  return std::all_of(parts.begin(), parts.end(), is_stripped) ? kStrippedMark : kKeptMark;
}

int32_t distance(char32_t from, char32_t to) {
  return static_cast<int32_t>(to) - static_cast<int32_t>(from);
}

}  // namespace

CharRules::CharRules(Normalization normalization) : normalization_(normalization) {
  Rules rules(kCodePoints, CharRule{CharKind::kWord, 0});
  apply_tables(rules);
  compress(rules);
}

void CharRules::apply_tables(Rules& rules) {
  const auto own_rule = [&](char32_t first, char32_t last) {
    for (char32_t c = first; c <= last; ++c) rules[c] = rule_for(c);
  };
  if (normalization_.space_chinese) fill(rules, tables::kIdeographs, CharKind::kAlone);
  fill(rules, tables::kPunctuation, CharKind::kAlone);
  if (normalization_.strip_accents) {
    std::fill(rules.begin() + kFirstHangul, rules.begin() + kLastHangul + 1,
              CharRule{CharKind::kHangul, 0});
    for (const auto& row : tables::kDecompositions) own_rule(row.from, row.from);
    for (const auto& row : tables::kNonspacingMarks) own_rule(row.first, row.last);
    for (const auto& row : tables::kNonStarters) own_rule(row.first, row.last);
  }
  if (normalization_.lower_case) {
    for (const auto& row : tables::kLowerCase) own_rule(row.first, row.last);
    for (const auto& row : tables::kLowerCaseLonger) own_rule(row.from, row.from);
  }
  // Cleaning is the first step of normalisation, so its rules override all others and are set last.
  fill(rules, tables::kSpaces, CharKind::kSpace);
  fill(rules, tables::kDropped, CharKind::kDropped);
}

CharRule CharRules::rule_for(char32_t code_point) {
  CodePoints parts;
  if (normalization_.strip_accents) {
    parts = decompose(code_point);
    if (needs_reordering(parts)) return {CharKind::kMark, mark_value(parts)};
  } else {
    parts.append(code_point);
  }
  CodePoints out;
  for (const char32_t part : parts) {
    if (normalization_.strip_accents && is_stripped(part)) continue;
    if (normalization_.lower_case) {
      append_lower_case(part, out);
    } else {
      out.append(part);
    }
  }
  if (out.count == 0) return {CharKind::kStripped, 0};
  if (out.count > 1) return add_expansion(out);
  const char32_t single = out.values[0];
  const bool alone =
      is_punctuation(single) || (normalization_.space_chinese && is_ideograph(code_point));
  return {alone ? CharKind::kAlone : CharKind::kWord, distance(code_point, single)};
}

CharRule CharRules::add_expansion(const CodePoints& code_points) {
  const auto index = static_cast<int32_t>(expansions_.size());
  auto& parts = expansions_.emplace_back();
  for (const char32_t c : code_points) parts.push_back({c, is_punctuation(c)});
  return {CharKind::kExpanded, index};
}

void CharRules::compress(const Rules& rules) {
  static_assert(sizeof(CharRule) == 4);
  std::map<std::string_view, uint32_t> offsets;
  for (uint32_t block = 0; block < block_of_.size(); ++block) {
    const CharRule* begin = rules.data() + block * kBlockSize;
    const std::string_view bytes(reinterpret_cast<const char*>(begin),
                                 kBlockSize * sizeof(CharRule));
    const auto [known, is_new] = offsets.emplace(bytes, static_cast<uint32_t>(blocks_.size()));
    if (is_new) blocks_.insert(blocks_.end(), begin, begin + kBlockSize);
    block_of_[block] = known->second;
  }
}

}  // namespace bertune
