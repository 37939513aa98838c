// SPDX-License-Identifier: Apache-2.0
// From tagged texts to windows: the tokens of all words, in overlapping windows if a text is longer
// than one. A word is predicted once, at its first token, in the window with the most tokens around
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "batch/window.h"
#include "bertune/tokenizer.h"
#include "datasets/tagged/sentences.h"
#include "tasks/labels.h"

namespace bertune {

// The row of a window at which a word is predicted. Row 0 is [CLS].
struct WordRow {
  int32_t word;  // of the window's text
  int32_t row;
};

struct TokenWindows {
  WindowSet set;  // without targets; example: index of the text
  // The words of window w are words[words_begin[w]] .. words[words_begin[w + 1] - 1], ordered by
  // row. A word without tokens is in no window.
  std::vector<WordRow> words;
  std::vector<int64_t> words_begin;  // [windows + 1]

  std::span<const WordRow> words_of(size_t window) const {
    const auto begin = static_cast<size_t>(words_begin[window]);
    return std::span(words).subspan(begin, static_cast<size_t>(words_begin[window + 1]) - begin);
  }
};

// Makes the windows of a dataset, part by part.
class TokenWindowMaker {
 public:
  // Throws Error{kUsage} unless the overlap is below the room of a window.
  TokenWindowMaker(const Tokenizer& tokenizer, const WindowLimits& limits);

  // The windows of all texts in order. Every word is tokenized by itself, as transformers does with
  // is_split_into_words.
  TokenWindows make(const TaggedData& data);

  // Logs how many texts have several windows, and how many words have no tokens.
  void report() const;

 private:
  struct TextTokens;
  static TextTokens tokenize_words(const Tokenizer& tokenizer, const TaggedText& text);
  std::vector<TextTokens> tokenize_all(const TaggedData& data) const;
  void add(TextTokens text, TokenWindows& windows);

  const Tokenizer& tokenizer_;
  int32_t room_, overlap_;
  int64_t texts_ = 0;
  int64_t over_several_ = 0;
  int64_t without_tokens_ = 0;
};

// The windows of a whole dataset, with what TokenWindowMaker reports.
TokenWindows make_token_windows(const Tokenizer& tokenizer, const TaggedData& data,
                                const WindowLimits& limits);

// WindowSet::token_targets: the tag of each row as its index in `labels`, kIgnoredTarget where no
// word is predicted. Throws Error{kInput} with its place for a tag that is not among `labels`.
std::vector<std::vector<int32_t>> tag_targets(const TaggedData& data, const TokenWindows& windows,
                                              const Labels& labels);

// A text with BERT's words, which are separated by white space. Punctuation marks and ideographs
// are words of their own.
TaggedText split_words(const Tokenizer& tokenizer, std::string_view text);

}  // namespace bertune
