// SPDX-License-Identifier: Apache-2.0
// From the probabilities of tokens to entities by transformers' aggregation strategies none,
// simple, average and max (TokenClassificationPipeline). decode.h has the strategy first, which
// needs only a word's first token.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "bertune/results.h"
#include "bertune/tokenizer.h"
#include "tasks/labels.h"
#include "tasks/token_classification/windows.h"

namespace bertune {

enum class Aggregation { kNone, kSimple, kFirst, kAverage, kMax };

// The strategy of a valid name.
Aggregation aggregation_of(const std::string& name);

// The probabilities of all tokens of some texts. A token that is in several windows is read from
// the one with the most tokens around it, as words are.
class TokenScores {
 public:
  // `windows` must outlive it.
  TokenScores(const TokenWindows& windows, int64_t labels);

  // [rows of the window, labels]. Throws Error{kNumerical} for a logit that is not finite.
  void add_window(int32_t window, std::span<const float> logits);

  // [tokens of the text, labels], once every window has been added.
  std::span<const double> of_text(size_t text) const { return scores_[text]; }

 private:
  const WindowSet& set_;
  int64_t labels_;
  std::vector<std::vector<int32_t>> windows_;  // [texts][tokens] the window that is read
  std::vector<std::vector<double>> scores_;    // [texts][tokens, labels]
};

// A text with the probabilities of its tokens [tokens, labels].
struct ScoredText {
  const std::string& text;
  std::span<const Token> tokens;
  std::span<const double> scores;
};

// The tokens (kNone) or entities that are not O, in order.
std::vector<Prediction> aggregate(const ScoredText& text, const Tokenizer& tokenizer,
                                  const Labels& labels, Aggregation strategy);

}  // namespace bertune
