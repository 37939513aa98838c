// SPDX-License-Identifier: Apache-2.0
// What becomes of each code point under one Normalization, worked out beforehand: cleaning, spaces
// around ideographs, accents, lower case and punctuation become one table look-up. Canonical
// reordering is the one step that needs neighbours; marks.h does it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "text/normalization.h"
#include "text/unicode.h"

namespace bertune {

enum class CharKind : uint32_t {
  kWord,      // part of a word, as code point + value
  kAlone,     // a word of its own, as code point + value: punctuation, spaced ideographs
  kSpace,     // ends a word
  kDropped,   // removed by cleaning, before anything else sees it
  kStripped,  // removed with the accents; does not take part in reordering
  kExpanded,  // several code points: expansion(value)
  kHangul,    // a syllable that decomposes
  kMark,      // may be moved by reordering; value is a MarkValue
};

// Of a kMark: a non-starter that is stripped wherever it lands, one that stays, or a starter whose
// decomposition ends in marks that stay.
enum MarkValue : int32_t { kStrippedMark, kKeptMark, kStarterWithMarks };

struct CharRule {
  CharRule(CharKind rule_kind, int32_t rule_value) : kind(rule_kind), value(rule_value) {}
  CharKind kind : 3;
  int32_t value : 29;
};

class CharRules {
 public:
  explicit CharRules(Normalization normalization);

  // For any code point up to U+10FFFF.
  CharRule operator[](char32_t code_point) const {
    return blocks_[block_of_[code_point / kBlockSize] + code_point % kBlockSize];
  }

  struct Part {
    char32_t code_point;
    bool alone;
  };
  std::span<const Part> expansion(int32_t value) const { return expansions_[value]; }

 private:
  static constexpr uint32_t kBlockSize = 128;
  static constexpr uint32_t kCodePoints = 0x110000;

  void apply_tables(std::vector<CharRule>& rules);
  CharRule rule_for(char32_t code_point);
  CharRule add_expansion(const CodePoints& code_points);
  void compress(const std::vector<CharRule>& rules);

  Normalization normalization_;
  std::array<uint32_t, kCodePoints / kBlockSize> block_of_;  // offset in blocks_
  std::vector<CharRule> blocks_;                             // equal blocks stand once
  std::vector<std::vector<Part>> expansions_;
};

}  // namespace bertune
