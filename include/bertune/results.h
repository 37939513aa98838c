// What goes in and out of a tuned model: inputs, predictions and metrics of every task. Each kind
// of prediction lists its fields once, in visit(name, field): the command line's output and
// Python's dicts derive from it. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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

using Prediction = std::variant<Answer>;

// For each input the best predictions, best first.
using Predictions = std::vector<std::vector<Prediction>>;

// Names and values, in the order of the official script of a task. Names that end in "total" are
// counts.
using Metrics = std::vector<std::pair<std::string, double>>;

struct Evaluation {
  std::string name;  // "QA Metric"
  Metrics metrics;   // {"exact_match", percent}, {"f1", percent}
};

}  // namespace bertune
