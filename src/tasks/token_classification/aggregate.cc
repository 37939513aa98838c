// SPDX-License-Identifier: Apache-2.0
#include "tasks/token_classification/aggregate.h"

#include <algorithm>

#include "base/check.h"
#include "tasks/logits.h"
#include "text/code_point_index.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// A token or a word with its label.
struct LabelledPiece {
  std::string label;
  double score;
  uint32_t begin, end;  // bytes of the text
};

// The tokens on the side of a window's token with fewer of them.
int32_t tokens_around(const Window& window, int32_t token) {
  const int32_t before = token - window.first_begin;
  return std::min(before, window.first_length - 1 - before);
}

class Aggregator {
 public:
  Aggregator(const ScoredText& text, const Tokenizer& tokenizer, const Labels& labels)
      : text_(text), tokenizer_(tokenizer), labels_(labels), code_points_(text.text) {}

  std::vector<Prediction> tokens() const {
    std::vector<Prediction> tokens;
    for (size_t i = 0; i < text_.tokens.size(); ++i) {
      const LabelledPiece piece = label(row(i), i, i);
      if (piece.label == "O") continue;
      tokens.emplace_back(TaggedToken{.entity = piece.label,
                                      .score = piece.score,
                                      .index = static_cast<int64_t>(i) + 1,
                                      .word = written(i),
                                      .start = code_points_.code_point_of(piece.begin),
                                      .end = code_points_.code_point_of(piece.end)});
    }
    return tokens;
  }

  std::vector<LabelledPiece> pieces() const {
    std::vector<LabelledPiece> pieces;
    for (size_t i = 0; i < text_.tokens.size(); ++i) pieces.push_back(label(row(i), i, i));
    return pieces;
  }

  std::vector<LabelledPiece> words(Aggregation strategy) const {
    std::vector<LabelledPiece> words;
    for (size_t first = 0; first < text_.tokens.size();) {
      size_t last = first;
      while (last + 1 < text_.tokens.size() && continues_word(last + 1)) ++last;
      const std::vector<double> scores =
          strategy == Aggregation::kMax ? most_certain(first, last) : average(first, last);
      words.push_back(label(scores, first, last));
      first = last + 1;
    }
    return words;
  }

  // Neighbours of the same type are one entity, unless the second one begins with B-.
  std::vector<Prediction> group(const std::vector<LabelledPiece>& pieces) const {
    std::vector<Prediction> entities;
    for (size_t first = 0; first < pieces.size();) {
      size_t last = first;
      while (last + 1 < pieces.size() && continues_entity(pieces[last], pieces[last + 1])) ++last;
      add_entity(std::span(pieces).subspan(first, last - first + 1), entities);
      first = last + 1;
    }
    return entities;
  }

 private:
  std::span<const double> row(size_t token) const {
    return text_.scores.subspan(token * labels_.size(), labels_.size());
  }

  LabelledPiece label(std::span<const double> scores, size_t first, size_t last) const {
    const auto best = std::max_element(scores.begin(), scores.end());
    return {labels_[static_cast<size_t>(best - scores.begin())], *best, text_.tokens[first].begin,
            text_.tokens[last].end};
  }

  std::string_view slice(uint32_t begin, uint32_t end) const {
    return std::string_view(text_.text).substr(begin, end - begin);
  }

  bool is_unknown(size_t token) const { return text_.tokens[token].id == tokenizer_.special().unk; }

  // The token, or what stands in the text for [UNK].
  std::string written(size_t i) const {
    const Token& token = text_.tokens[i];
    if (is_unknown(i)) return std::string(slice(token.begin, token.end));
    return tokenizer_.vocabulary()[static_cast<size_t>(token.id)];
  }

  // transformers compares lengths: "##" makes a token longer than its text. So does a character
  // that normalisation makes longer or shorter.
  bool continues_word(size_t i) const {
    const Token& token = text_.tokens[i];
    return !is_unknown(i) &&
           count_code_points(written(i)) != count_code_points(slice(token.begin, token.end));
  }

  // The row with the highest probability.
  std::vector<double> most_certain(size_t first, size_t last) const {
    const auto highest = [&](size_t i) { return *std::max_element(row(i).begin(), row(i).end()); };
    size_t best = first;
    for (size_t i = first + 1; i <= last; ++i) {
      if (highest(i) > highest(best)) best = i;
    }
    return {row(best).begin(), row(best).end()};
  }

  std::vector<double> average(size_t first, size_t last) const {
    std::vector<double> mean(labels_.size());
    for (size_t i = first; i <= last; ++i) {
      for (size_t k = 0; k < mean.size(); ++k) mean[k] += row(i)[k];
    }
    for (double& score : mean) score /= static_cast<double>(last - first + 1);
    return mean;
  }

  static bool has_prefix(std::string_view label) {
    return label.starts_with("B-") || label.starts_with("I-");
  }
  static std::string_view type_of(std::string_view label) {
    return has_prefix(label) ? label.substr(2) : label;
  }
  static bool continues_entity(const LabelledPiece& before, const LabelledPiece& piece) {
    return type_of(before.label) == type_of(piece.label) && !piece.label.starts_with("B-");
  }

  void add_entity(std::span<const LabelledPiece> pieces, std::vector<Prediction>& entities) const {
    const std::string& label = pieces.front().label;
    const std::string group = label.substr(label.find('-') + 1);  // all of it without a dash
    if (group == "O") return;
    double sum = 0.0;
    for (const LabelledPiece& piece : pieces) sum += piece.score;
    const uint32_t begin = pieces.front().begin, end = pieces.back().end;
    entities.emplace_back(TaggedEntity{.entity_group = group,
                                       .score = sum / static_cast<double>(pieces.size()),
                                       .word = std::string(slice(begin, end)),
                                       .start = code_points_.code_point_of(begin),
                                       .end = code_points_.code_point_of(end)});
  }

  const ScoredText& text_;
  const Tokenizer& tokenizer_;
  const Labels& labels_;
  CodePointIndex code_points_;
};

}  // namespace

Aggregation aggregation_of(const std::string& name) {
  if (name == "none") return Aggregation::kNone;
  if (name == "simple") return Aggregation::kSimple;
  if (name == "average") return Aggregation::kAverage;
  if (name == "max") return Aggregation::kMax;
  CHECK(name == "first");
  return Aggregation::kFirst;
}

TokenScores::TokenScores(const TokenWindows& windows, int64_t labels)
    : set_(windows.set), labels_(labels) {
  for (const std::vector<Token>& tokens : set_.texts) {
    windows_.emplace_back(tokens.size(), -1);
    scores_.emplace_back(tokens.size() * static_cast<size_t>(labels));
  }
  for (int32_t w = 0; w < std::ssize(set_.windows); ++w) {
    const Window& window = set_.windows[static_cast<size_t>(w)];
    for (int32_t token = window.first_begin; token < window.first_begin + window.first_length;
         ++token) {
      int32_t& best = windows_[window.example][token];
      const bool better =
          best < 0 || tokens_around(window, token) > tokens_around(set_.windows[best], token);
      if (better) best = w;
    }
  }
}

void TokenScores::add_window(int32_t window, std::span<const float> logits) {
  const Window& place = set_.windows[window];
  CHECK(static_cast<int64_t>(logits.size()) == place.length() * labels_);
  for (int32_t i = 0; i < place.first_length; ++i) {
    const int32_t token = place.first_begin + i;
    if (windows_[place.example][token] != window) continue;
    const std::vector<double> scores = softmax(logits.subspan((i + 1) * labels_, labels_));
    std::copy(scores.begin(), scores.end(), scores_[place.example].begin() + token * labels_);
  }
}

std::vector<Prediction> aggregate(const ScoredText& text, const Tokenizer& tokenizer,
                                  const Labels& labels, Aggregation strategy) {
  const Aggregator aggregator(text, tokenizer, labels);
  if (strategy == Aggregation::kNone) return aggregator.tokens();
  if (strategy == Aggregation::kSimple) return aggregator.group(aggregator.pieces());
  return aggregator.group(aggregator.words(strategy));
}

}  // namespace bertune
