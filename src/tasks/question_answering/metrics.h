// SPDX-License-Identifier: Apache-2.0
// Exact match and F1 of answers, equal to the official SQuAD scripts to the last digit, or by
// characters as CMRC 2018 compares Chinese answers. Sources: evaluate-v1.1.py and evaluate-v2.0.py
// of rajpurkar.github.io/SQuAD-explorer; segments.h names CMRC's.
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

// The score of one question, the best over its gold answers.
struct QuestionScore {
  double exact = 0.0;
  double f1 = 0.0;
};

// The predictions to be scored.
enum class Predicted {
  kTexts,    // of a predictions file
  kAnswers,  // with no-answer scores, from which v2.0's best thresholds follow
};

// What answers are compared by.
enum class AnswerUnits {
  kWords,       // SQuAD's scripts
  kCharacters,  // CMRC 2018's script
};

// The value of an option: words, characters, or auto, which is characters if at least one in ten of
// the gold answers' characters is Chinese and fewer than one in a hundred is a space. Logs the
// choice if it is characters, or words for such answers.
AnswerUnits choose_units(const std::string& option, const SquadInfo& info);

// The names of the metrics, in the order of the official script; names that end in `total` are
// counts. v1.1: exact_match, f1. v2.0: exact, f1, total, the same for HasAns_ and NoAns_ if there
// are such questions, and for kAnswers best_exact, best_exact_thresh, best_f1, best_f1_thresh.
std::vector<std::string> metric_names(const SquadInfo& info, Predicted predicted);

// Scores a dataset in parts, in order. It keeps a few numbers of each question.
class SquadScorer {
 public:
  SquadScorer(const SquadInfo& info, Predicted predicted, AnswerUnits units = AnswerUnits::kWords)
      : info_(info), predicted_(predicted), units_(units) {}

  void add(const SquadData& data, const std::vector<QaPrediction>& predictions);  // kAnswers

  // kTexts. A question that is missing in the predictions counts 0.
  void add(const SquadData& data, const AnswerTexts& predictions);

  // The metrics once all questions of the dataset were added, of which there must be one. Logs how
  // many were missing.
  Metrics finish() const;

 private:
  // From these, version2's best thresholds on the no-answer score are chosen.
  struct Alternative {
    bool has_answer;  // of the question
    bool is_empty;    // of the best text
    double no_answer_score;
    QuestionScore score;  // of the best text that is not empty, if there is one
  };
  struct Totals {
    double exact = 0.0, f1 = 0.0;
    int64_t count = 0;

    void add(const QuestionScore& score);
    void append_to(std::vector<double>& values) const;  // exact, f1, total
  };

  void add(const SquadData& data, const std::vector<QuestionScore>& scores);
  // text_of(index of the example) may return nullptr: not predicted.
  template <typename TextOf>
  std::vector<QuestionScore> score_questions(const SquadData& data, const TextOf& text_of) const;
  void append_best(double QuestionScore::*metric, std::vector<double>& values) const;

  SquadInfo info_;
  Predicted predicted_;
  AnswerUnits units_;
  Totals all_, answered_, unanswered_;
  std::deque<Alternative> alternatives_;  // because a vector takes three times as much to grow
  int64_t missing_ = 0;
  std::string first_missing_;
};

// Lower case, no punctuation, no articles, single spaces.
std::string normalize_answer(std::string_view text);

}  // namespace bertune
