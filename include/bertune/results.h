// SPDX-License-Identifier: Apache-2.0
// What goes in and out of a tuned model: inputs, predictions and metrics of every task. Each kind
// of prediction lists its fields once, in visit(name, field): the command line's output and
// Python's dicts derive from it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bertune {

// A context and a question about it; in one text they are "context - question".
struct ContextQuestion {
  std::string context;  // offsets of answers count in this text
  std::string question;
};

// Two texts that are classified together.
struct TextPair {
  std::string text;
  std::string text_pair;
};

// One input of predict: a text, or its parts by name. Invalid UTF-8 is replaced by U+FFFD.
using Input = std::variant<std::string, ContextQuestion, TextPair>;

// Question answering: a part of the context. An empty text with score 0 says that nothing in the
// context can be the answer.
struct Answer {
  std::string text;
  double score = 0.0;  // probability among the candidates, rounded to 4 decimals
  int64_t start = 0;   // code points of the context; of one text: as it was split off and stripped
  int64_t end = 0;     // exclusive

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("text", self.text);
    visitor("score", self.score);
    visitor("start", self.start);
    visitor("end", self.end);
  }
};

// Text classification: a label of the text or pair; of a model that predicts numbers, the number.
struct LabelScore {
  std::string label;
  double score = 0.0;  // probability among all labels

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("label", self.label);
    visitor("score", self.score);
  }
};

// Token classification: words of one entity.
struct TaggedEntity {
  std::string entity_group;  // the type
  double score = 0.0;        // mean over its words
  std::string word;          // as it stands in the text
  int64_t start = 0;         // code points of the text
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

// Masked words: a word that may stand where the text has [MASK].
struct FilledMask {
  double score = 0.0;  // probability among all words
  int64_t token = 0;   // its id
  std::string token_str;
  std::string sequence;  // the text with it
  int64_t mask = 0;      // which [MASK] of the text, from 0; of several, each gets a list

  template <typename Self, typename Visitor>
  static void visit(Self& self, Visitor&& visitor) {
    visitor("score", self.score);
    visitor("token", self.token);
    visitor("token_str", self.token_str);
    visitor("sequence", self.sequence);
  }
};

using Prediction = std::variant<Answer, LabelScore, TaggedEntity, FilledMask>;

// For each input its predictions: the best first, entities in the order of the text, words by
// [MASK].
using Predictions = std::vector<std::vector<Prediction>>;

// The predictions of an input in parts that are lists of their own: one for each of several [MASK],
// otherwise one, which may be empty.
std::vector<std::span<const Prediction>> split_by_mask(const std::vector<Prediction>& predictions);

// Names and values, in the order of the official script of a task. Names that end in "total" are
// counts.
using Metrics = std::vector<std::pair<std::string, double>>;

struct Evaluation {
  std::string name;  // "QA Metric"
  Metrics metrics;   // {"exact_match", percent}, {"f1", percent}
};

}  // namespace bertune
