// SPDX-License-Identifier: Apache-2.0
// One segment of a text, between special tokens, to pieces: finds the words, normalised, and keeps
// where each of their characters stood. Plain ASCII words take a short way.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "text/char_rules.h"
#include "text/tokenizer.h"
#include "text/wordpiece.h"

namespace bertune {

// What a byte starts, seen without its neighbours.
enum class ByteKind : uint8_t {
  kWord,   // an ASCII character of words
  kAlone,  // ASCII punctuation
  kSpace,
  kOther,  // not ASCII, or dropped: needs the CharRules
};

// The rules for ASCII, and the kind of every byte.
struct ByteRules {
  explicit ByteRules(const CharRules& rules);
  std::array<ByteKind, 256> kind;
  std::array<char, 256> in_word;  // a kWord byte as normalised; 0 for the others
};

// All that does not change between texts.
struct TextRules {
  CharRules chars;
  ByteRules bytes;
  WordPiece pieces;
};

// Appends the pieces of text[begin, text.size()), with offsets in `text`.
void append_segment(const TextRules& rules, std::string_view text, size_t begin,
                    std::vector<Token>& tokens);

}  // namespace bertune
