// SPDX-License-Identifier: Apache-2.0
// Inputs, predictions and metrics of every task. Each type of prediction lists its fields once, in
// visit(name, field). The command line's output and Python's dicts are derived from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bertune {

// A context and a question about it. As a single text they are written "context - question".
struct ContextQuestion {
  std::string context;  // answer offsets refer to this text
  std::string question;
};

// Two texts that are classified as a pair.
struct TextPair {
  std::string text;
  std::string text_pair;
};

// One input of predict: a text, or its parts by name. Invalid UTF-8 becomes U+FFFD.
using Input = std::variant<std::string, ContextQuestion, TextPair>;

// Question answering: a span of the context. An empty text with start = end = 0 means that the
// context has no answer, or with score 0 that no span of it can be one.
struct Answer {
  std::string text;
  double score = 0.0;  // probability among the candidates, rounded to 4 decimals
  int64_t start = 0;   // in code points of the context; of a single text: after split and strip
  int64_t end = 0;     // exclusive

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("text", self.text);
    visitor("score", self.score);
    visitor("start", self.start);
    visitor("end", self.end);
  }
};

// Text classification: a label of the text or pair. For regression the score is the predicted
// number.
struct LabelScore {
  std::string label;
  // Probability among all labels, or of this label alone if a text may have several or the model
  // has only one.
  double score = 0.0;

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("label", self.label);
    visitor("score", self.score);
  }
};

// Token classification without aggregation: a token that is part of an entity.
struct TaggedToken {
  std::string entity;  // its label
  double score = 0.0;  // the label's probability
  int64_t index = 0;   // in the tokenized text, from 1; long texts: as if it were one window
  std::string word;    // the token
  int64_t start = 0;   // in code points of the text
  int64_t end = 0;     // exclusive

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("entity", self.entity);
    visitor("score", self.score);
    visitor("index", self.index);
    visitor("word", self.word);
    visitor("start", self.start);
    visitor("end", self.end);
  }
};

// Token classification: consecutive words of one entity.
struct TaggedEntity {
  std::string entity_group;  // the entity type
  double score = 0.0;        // mean over its words, or tokens with aggregation "simple"
  std::string word;          // as written in the text
  int64_t start = 0;         // in code points of the text
  int64_t end = 0;           // exclusive

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("entity_group", self.entity_group);
    visitor("score", self.score);
    visitor("word", self.word);
    visitor("start", self.start);
    visitor("end", self.end);
  }
};

// Masked language modelling: a candidate for a [MASK] in the text.
struct FilledMask {
  double score = 0.0;  // probability over the vocabulary
  int64_t token = 0;   // its id
  std::string token_str;
  std::string sequence;  // the text with the token filled in
  int64_t mask = 0;      // index of the [MASK] in the text; with several, each has its own list

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("score", self.score);
    visitor("token", self.token);
    visitor("token_str", self.token_str);
    visitor("sequence", self.sequence);
  }
};

using Prediction = std::variant<Answer, LabelScore, TaggedToken, TaggedEntity, FilledMask>;

// The predictions for each input. Labels are sorted by score, and so are answers behind the first,
// which is the chosen one (null_threshold may prefer an empty answer of a lower score). Entities
// are sorted by position, and masked tokens by [MASK], then by score.
using Predictions = std::vector<std::vector<Prediction>>;

// Splits the predictions of one input into one span per [MASK]. Other predictions form a single
// span, which may be empty.
std::vector<std::span<const Prediction>> split_by_mask(const std::vector<Prediction>& predictions);

// Names and values, in the order of the task's official script. Names that end in "total" are
// counts. NaN means that a metric is not defined for the data; in JSON it is null.
using Metrics = std::vector<std::pair<std::string, double>>;

struct Evaluation {
  std::string name;  // "QA Metric"
  Metrics metrics;   // {"exact_match", percent}, {"f1", percent}
};

}  // namespace bertune
