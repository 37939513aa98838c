// SPDX-License-Identifier: Apache-2.0
// Exact match and F1 of answers, equal to the official SQuAD scripts to the last digit.
// Sources: evaluate-v1.1.py and evaluate-v2.0.py of rajpurkar.github.io/SQuAD-explorer.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bertune/results.h"
#include "datasets/squad/squad.h"
#include "tasks/question_answering/decode.h"

namespace bertune {

// The answer to each question id.
using AnswerTexts = std::unordered_map<std::string, std::string>;

// In the order of the official script; the names that end in `total` are counts.
// One question's score, the best over its gold answers.
struct QuestionScore {
  double exact = 0.0;
  double f1 = 0.0;
};

// Metrics of a data set that comes in parts, in order. Of a question a few numbers are kept.
class SquadScorer {
 public:
  explicit SquadScorer(bool version2) : version2_(version2) {}

  void add(const SquadData& data, const std::vector<QaPrediction>& predictions);

  // Texts of a predictions file: without the best thresholds, which need scores.
  void add(const SquadData& data, const AnswerTexts& predictions);

  // At least one question was added. Questions that the texts lack are said aloud.
  Metrics finish() const;

 private:
  // What a version2 threshold on the no-answer score is chosen by.
  struct Alternative {
    bool has_answer;  // the question has one
    bool is_empty;    // the best text is
    double no_answer_score;
    QuestionScore score;  // of the best text that is not empty, if there is one
  };
  struct Totals {
    double exact = 0.0, f1 = 0.0;
    int64_t count = 0;

    void add(const QuestionScore& score);
    void append_to(Metrics& metrics, const std::string& prefix) const;
  };

  void add(const SquadData& data, const std::vector<QuestionScore>& scores);
  void append_best(Metrics& metrics, const std::string& name, double QuestionScore::*metric) const;

  bool version2_;
  Totals all_, answered_, unanswered_;
  std::deque<Alternative> alternatives_;  // because a vector takes three times as much to grow
  int64_t missing_ = 0;
  std::string first_missing_;
};

// v1.1: exact_match, f1. v2.0 (data.version2): exact, f1, total, the same for HasAns_ and NoAns_
// where there are any, and best_exact, best_exact_thresh, best_f1, best_f1_thresh.
Metrics score(const SquadData& data, const std::vector<QaPrediction>& predictions);

// The same for the texts of a predictions file, without the best thresholds, which need scores. A
// question that is missing counts 0, which is said aloud.
Metrics score(const SquadData& data, const AnswerTexts& predictions);

// Lower case, no punctuation, no articles, single spaces.
std::string normalize_answer(std::string_view text);

}  // namespace bertune
