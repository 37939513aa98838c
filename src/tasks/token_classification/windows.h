// SPDX-License-Identifier: Apache-2.0
// Tagged texts to windows: the pieces of all words, over overlapping windows where a text is longer
// than one. A word is asked at its first piece, once, in the window where most stands around it.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "batch/window.h"
#include "datasets/tagged/sentences.h"
#include "tasks/labels.h"
#include "bertune/tokenizer.h"

namespace bertune {

// Where a word is asked. Row 0 of a window is [CLS].
struct WordRow {
  int32_t word;  // of the window's text
  int32_t row;
};

struct TokenWindows {
  WindowSet set;  // without targets; example: index of the text
  // Of window w: asked[asked_begin[w]] .. asked[asked_begin[w + 1] - 1], by row. A word that the
  // tokenizer leaves nothing of is in none.
  std::vector<WordRow> asked;
  std::vector<int64_t> asked_begin;  // [windows + 1]
};

// Makes the windows of a data set, or of its parts one after the other.
class TokenWindowMaker {
 public:
  // Throws Error{kUsage} when the overlap is not below the room of a window.
  TokenWindowMaker(const Tokenizer& tokenizer, const WindowLimits& limits);

  // The windows of all texts in order. Every word is tokenized by itself, as transformers does with
  // is_split_into_words.
  TokenWindows make(const TaggedData& data);

  // Tells how many texts go over several windows, and how many words have no pieces.
  void report() const;

 private:
  struct TextPieces;
  static TextPieces tokenize_words(const Tokenizer& tokenizer, const TaggedText& text);
  std::vector<TextPieces> tokenize_all(const TaggedData& data) const;
  void add(TextPieces pieces, TokenWindows& windows);

  const Tokenizer& tokenizer_;
  int32_t room_, overlap_;
  int64_t texts_ = 0;
  int64_t over_several_ = 0;
  int64_t without_pieces_ = 0;
};

// The windows of a whole data set, with what TokenWindowMaker tells.
TokenWindows make_token_windows(const Tokenizer& tokenizer, const TaggedData& data,
                                const WindowLimits& limits);

// WindowSet::token_targets: the tag of each row as its index in `labels`, kIgnoredTarget where no
// word is asked. Tags that `labels` lack count as O, said aloud.
std::vector<std::vector<int32_t>> tag_targets(const TaggedData& data, const TokenWindows& windows,
                                              const Labels& labels);

// A text whose words are BERT's: what stands between white space and punctuation, which are words
// of their own, as are ideographs.
TaggedText split_words(const Tokenizer& tokenizer, std::string_view text);

}  // namespace bertune
