// SPDX-License-Identifier: Apache-2.0
// The effect of one Normalization on each code point, precomputed: cleaning, spaces around
// ideographs, accent stripping, lower-casing and punctuation become one table look-up. Relies on
// unicode.h; canonical reordering, the only step that depends on neighbours, is left to marks.h.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "bertune/tokenizer.h"
#include "text/unicode.h"

namespace bertune {

enum class CharKind : uint32_t {
  kWord,      // part of a word; its code point becomes code point + value
  kAlone,     // a word of its own, also code point + value: punctuation, spaced ideographs
  kSpace,     // ends a word
  kDropped,   // removed by cleaning, before any other step
  kStripped,  // removed as an accent; takes no part in reordering
  kExpanded,  // becomes several code points: expansion(value)
  kHangul,    // a syllable that decomposes
  kMark,      // may be moved by reordering; value is a MarkValue
};

// The value of a kMark: a non-starter that is stripped wherever reordering puts it, one that is
// kept, or a starter whose decomposition ends in marks that are kept.
enum MarkValue : int32_t { kStrippedMark, kKeptMark, kStarterWithMarks };

struct CharRule {
  CharRule(CharKind rule_kind, int32_t rule_value) : kind(rule_kind), value(rule_value) {}
  CharKind kind : 3;
  int32_t value : 29;
};

class CharRules {
 public:
  explicit CharRules(Normalization normalization);

  // Accepts every code point up to U+10FFFF.
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
  std::vector<CharRule> blocks_;                             // equal blocks are stored once
  std::vector<std::vector<Part>> expansions_;
};

}  // namespace bertune
