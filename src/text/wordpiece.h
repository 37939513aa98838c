// SPDX-License-Identifier: Apache-2.0
// WordPiece: splits a word into the longest pieces of the vocabulary, from left to right (Wu et al.
// 2016, as used by BERT). The vocabulary is a double-array trie over bytes, so that one walk
// without hashing or allocation finds the longest piece.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bertune/tokenizer.h"

namespace bertune {

// A node of a double-array trie (Aoe 1989). The child for byte b is at index base ^ b and stores b
// as its label. Bases are unique, so a matching label proves that the node is the child.
struct TrieNode {
  uint32_t base;
  uint32_t label : 8;
  uint32_t id : 24;  // the piece that ends here, or kNoPiece
};

constexpr uint32_t kNoPiece = (1u << 24) - 1;

class PieceTrie {
 public:
  // The last of equal pieces is used. Pieces that no word can contain (empty, or with a NUL) are
  // left out.
  explicit PieceTrie(std::span<const std::string> pieces);

  static constexpr uint32_t kRoot = 0;
  static constexpr uint32_t kDeadEnd = 1;

  // The node of `prefix` below `node`, or kDeadEnd if there is none.
  uint32_t walk(uint32_t node, std::string_view prefix) const;

  struct Match {
    uint32_t id;
    uint32_t bytes;  // 0: no piece matches
  };

  // The longest piece below `node` that is a prefix of `text`.
  Match longest(uint32_t node, std::string_view text) const {
    Match match{kNoPiece, 0};
    for (uint32_t i = 0; i < text.size(); ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      node = nodes_[node].base ^ byte;
      if (nodes_[node].label != byte) break;
      if (nodes_[node].id != kNoPiece) match = {nodes_[node].id, i + 1};
    }
    return match;
  }

 private:
  std::vector<TrieNode> nodes_;
};

// Bytes begin .. end (exclusive) of a text.
struct ByteRange {
  uint32_t begin;
  uint32_t end;
};

class WordPiece {
 public:
  static constexpr size_t kMaxCodePoints = 100;  // a longer word becomes one unknown token

  WordPiece(std::span<const std::string> vocabulary, int32_t unknown_id);

  // Appends the pieces of a normalised word of at most kMaxCodePoints, or one unknown token.
  // range_of(begin, end) maps bytes begin .. end of the word to bytes of the text.
  template <typename RangeOf>
  void append(std::string_view word, const RangeOf& range_of, std::vector<Token>& tokens) const {
    const size_t before = tokens.size();
    uint32_t root = PieceTrie::kRoot;
    for (size_t begin = 0; begin < word.size();) {
      const PieceTrie::Match match = trie_.longest(root, word.substr(begin));
      if (match.bytes == 0) {
        tokens.resize(before);
        append_unknown(range_of(0, word.size()), tokens);
        return;
      }
      const ByteRange range = range_of(begin, begin + match.bytes);
      tokens.push_back({static_cast<int32_t>(match.id), range.begin, range.end});
      begin += match.bytes;
      root = continuation_root_;
    }
  }

  void append_unknown(ByteRange range, std::vector<Token>& tokens) const {
    tokens.push_back({unknown_id_, range.begin, range.end});
  }

 private:
  PieceTrie trie_;
  uint32_t continuation_root_;  // the node of "##"
  int32_t unknown_id_;
};

}  // namespace bertune
