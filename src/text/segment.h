// SPDX-License-Identifier: Apache-2.0
// Splits one segment of a text, between special tokens, into pieces. It finds and normalises the
// words and keeps the source position of each character, with a fast path for plain ASCII words.
// Relies on char_rules.h and wordpiece.h.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bertune/tokenizer.h"
#include "text/char_rules.h"
#include "text/wordpiece.h"

namespace bertune {

// The kind of character that a byte starts, judged without its neighbours.
enum class ByteKind : uint8_t {
  kWord,   // an ASCII character that is part of a word
  kAlone,  // ASCII punctuation
  kSpace,
  kOther,  // not ASCII, or dropped: needs CharRules
};

// The rules for ASCII characters, and the kind of every byte.
struct ByteRules {
  explicit ByteRules(const CharRules& rules);
  std::array<ByteKind, 256> kind;
  std::array<char, 256> in_word;  // the normalised byte of a kWord; 0 for other kinds
};

// Everything that is the same for all texts.
struct TextRules {
  CharRules chars;
  ByteRules bytes;
  WordPiece pieces;
};

// Appends the pieces of text[begin, text.size()), with offsets into `text`.
void append_segment(const TextRules& rules, std::string_view text, size_t begin,
                    std::vector<Token>& tokens);

}  // namespace bertune
