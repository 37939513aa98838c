// SPDX-License-Identifier: Apache-2.0
// A tokenizer with a few pieces for the targets that need one.
#pragma once

#include <string>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

// Every ASCII character that a word can contain, alone and as a continuation, and pieces of other
// scripts, among them the results of the uncased rules for accents, Hangul and ideographs.
inline std::vector<std::string> small_vocabulary() {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "berlin"};
  for (char c = '!'; c <= '~'; ++c) {
    pieces.emplace_back(1, c);
    pieces.push_back("##" + std::string(1, c));
  }
  for (const char* piece : {"é", "ß", "中", "文", "ᄀ", "ᅡ", "가", "İ", "ς", "ﬁ", "fi", "́"}) {
    pieces.emplace_back(piece);
    pieces.push_back("##" + std::string(piece));
  }
  return pieces;
}

}  // namespace bertune
