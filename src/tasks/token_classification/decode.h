// SPDX-License-Identifier: Apache-2.0
// From the logits of tokens to tags of words and to entities in the text, grouped by words as
// transformers' pipeline does with the strategy `first`.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "datasets/tagged/sentences.h"
#include "tasks/labels.h"
#include "tasks/token_classification/windows.h"

namespace bertune {

struct WordPrediction {
  int32_t label = -1;  // -1: the word has no token, so nothing was predicted
  double score = 0.0;  // the label's probability
};

// Reads tags from logits. `windows` must outlive it.
class TokenDecoder {
 public:
  TokenDecoder(const TaggedData& data, const TokenWindows& windows, int64_t labels);

  // [rows of the window, labels]. Windows may come in any order, and from several threads at once.
  // Throws Error{kNumerical} for a logit that is not finite.
  void add_window(int32_t window, std::span<const float> logits);

  // The predictions of each text's words, once every window has been added.
  const std::vector<std::vector<WordPrediction>>& words() const { return words_; }

 private:
  const TokenWindows& windows_;
  int64_t labels_;
  std::vector<std::vector<WordPrediction>> words_;
};

// The tag of each word. A word without a prediction continues the entity on both sides of it, or is
// O.
std::vector<std::string> tags_of(std::span<const WordPrediction> words, const Labels& labels);

// The entities of a text, in order.
std::vector<TaggedEntity> group_entities(const TaggedText& text,
                                         std::span<const WordPrediction> words,
                                         const Labels& labels);

}  // namespace bertune
