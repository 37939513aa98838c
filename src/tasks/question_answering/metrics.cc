// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/check.h"
#include "base/log.h"
#include "base/parallel.h"
#include "tasks/question_answering/segments.h"
#include "tasks/task.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// An answer in the form in which the scripts compare it.
struct NormalizedAnswer {
  NormalizedAnswer(std::string_view answer, AnswerUnits units) {
    if (units == AnswerUnits::kCharacters) {
      text = without_marks(answer);
      tokens = segment_answer(answer);
    } else {
      text = normalize_answer(answer);
      tokens = split_words(text);
      std::sort(tokens.begin(), tokens.end());
    }
  }
  static std::vector<std::string> split_words(std::string_view text) {
    const std::vector<std::string_view> words = python_split(text);
    return {words.begin(), words.end()};
  }

  std::string text;
  std::vector<std::string> tokens;  // words are sorted, because their order does not count
};

std::string lower_without_punctuation(std::string_view text) {
  std::string out = python_lower(text);
  std::erase_if(out, [](unsigned char c) {
    return (c >= '!' && c <= '/') || (c >= ':' && c <= '@') || (c >= '[' && c <= '`') ||
           (c >= '{' && c <= '~');
  });
  return out;
}

// A word here is a longest run of re's word characters, so that `\b(a|an|the)\b` means whole words.
std::string replace_articles(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  size_t word = 0;  // where the run of word characters began
  const auto end_word = [&](size_t end) {
    const std::string_view run = text.substr(word, end - word);
    out += run == "a" || run == "an" || run == "the" ? " " : run;
  };
  for (size_t i = 0; i < text.size();) {
    const DecodedCodePoint c = decode_code_point(text, i);
    if (!is_python_word(c.value)) {
      end_word(i);
      out += text.substr(i, c.bytes);
      word = i + c.bytes;
    }
    i += c.bytes;
  }
  end_word(text.size());
  return out;
}

int64_t count_common(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  int64_t common = 0;
  for (auto i = a.begin(), j = b.begin(); i != a.end() && j != b.end();) {
    if (*i < *j) {
      ++i;
    } else if (*j < *i) {
      ++j;
    } else {
      ++common, ++i, ++j;
    }
  }
  return common;
}

// How answers are compared.
struct Comparison {
  bool version2;
  AnswerUnits units;
};

double f1(const NormalizedAnswer& prediction, const NormalizedAnswer& gold, Comparison by) {
  if (by.version2 && (prediction.tokens.empty() || gold.tokens.empty())) {
    return prediction.tokens == gold.tokens ? 1.0 : 0.0;
  }
  if (by.units == AnswerUnits::kCharacters) {
    return f1_of_longest_run(prediction.tokens, gold.tokens);
  }
  const auto common = static_cast<double>(count_common(prediction.tokens, gold.tokens));
  if (common == 0.0) return 0.0;
  const double precision = common / static_cast<double>(prediction.tokens.size());
  const double recall = common / static_cast<double>(gold.tokens.size());
  return (2 * precision * recall) / (precision + recall);
}

std::vector<NormalizedAnswer> gold_answers(const SquadExample& example, Comparison by) {
  std::vector<NormalizedAnswer> gold;
  for (const GoldAnswer& answer : example.answers) {
    gold.emplace_back(answer.text, by.units);
    if (by.version2 && gold.back().text.empty()) gold.pop_back();
  }
  if (by.version2 && gold.empty()) gold.emplace_back("", by.units);
  return gold;
}

QuestionScore score_question(const SquadExample& example, std::string_view text, Comparison by) {
  const NormalizedAnswer prediction(text, by.units);
  QuestionScore best;
  for (const NormalizedAnswer& gold : gold_answers(example, by)) {
    best.exact = std::max(best.exact, prediction.text == gold.text ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, f1(prediction, gold, by));
  }
  return best;
}

bool has_answer(const SquadExample& example) { return !example.answers.empty(); }

}  // namespace

std::vector<std::string> metric_names(const SquadInfo& info, Predicted predicted) {
  if (!info.version2) return {"exact_match", "f1"};
  std::vector<std::string> names;
  const auto append = [&](const std::string& prefix) {
    for (const char* name : {"exact", "f1", "total"}) names.push_back(prefix + name);
  };
  append("");
  if (info.answered > 0) append("HasAns_");
  if (info.unanswered() > 0) append("NoAns_");
  if (predicted == Predicted::kTexts) return names;
  for (const char* name : {"best_exact", "best_exact_thresh", "best_f1", "best_f1_thresh"}) {
    names.emplace_back(name);
  }
  return names;
}

AnswerUnits choose_units(const std::string& name, const SquadInfo& info) {
  const bool characters = info.answer_characters > 0 &&
                          10 * info.answer_chinese >= info.answer_characters &&
                          100 * info.answer_spaces < info.answer_characters;
  const bool chosen = name == "auto" ? characters : name == "characters";
  if (chosen || characters) {
    log_info("answers are compared by {} ({})",
             chosen ? "characters, as in CMRC 2018" : "words, as in SQuAD",
             name == "auto" ? "they are Chinese without spaces" : "option answer_units");
  }
  return chosen ? AnswerUnits::kCharacters : AnswerUnits::kWords;
}

std::string normalize_answer(std::string_view text) {
  const std::string words = replace_articles(lower_without_punctuation(text));
  std::string out;
  out.reserve(words.size());
  for (const std::string_view word : python_split(words)) {
    if (!out.empty()) out += ' ';
    out += word;
  }
  return out;
}

// In file order with plain doubles, as the scripts add.
void SquadScorer::Totals::add(const QuestionScore& score) {
  exact += score.exact;
  f1 += score.f1;
  ++count;
}

void SquadScorer::Totals::append_to(std::vector<double>& values) const {
  if (count == 0) return;
  const auto total = static_cast<double>(count);
  values.insert(values.end(), {100.0 * exact / total, 100.0 * f1 / total, total});
}

void SquadScorer::add(const SquadData& data, const std::vector<QuestionScore>& scores) {
  for (size_t e = 0; e < scores.size(); ++e) {
    all_.add(scores[e]);
    (has_answer(data.examples[e]) ? answered_ : unanswered_).add(scores[e]);
  }
}

template <typename TextOf>
std::vector<QuestionScore> SquadScorer::score_questions(const SquadData& data,
                                                        const TextOf& text_of) const {
  constexpr int64_t kBlock = 256;
  const auto count = static_cast<int64_t>(data.examples.size());
  std::vector<QuestionScore> scores(count);
  parallel_for(count, kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) {
      const std::string* text = text_of(e);
      if (text == nullptr) continue;
      scores[e] = score_question(data.examples[e], *text, {info_.version2, units_});
    }
  });
  return scores;
}

void SquadScorer::add(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  CHECK(predicted_ == Predicted::kAnswers && predictions.size() == data.examples.size());
  add(data, score_questions(data, [&](int64_t e) { return &predictions[e].answer.text; }));
  if (!info_.version2) return;
  const auto scores = score_questions(data, [&](int64_t e) { return &predictions[e].best_text; });
  for (size_t e = 0; e < scores.size(); ++e) {
    alternatives_.push_back({.has_answer = has_answer(data.examples[e]),
                             .is_empty = predictions[e].best_text.empty(),
                             .no_answer_score = predictions[e].no_answer_score,
                             .score = scores[e]});
  }
}

void SquadScorer::add(const SquadData& data, const AnswerTexts& predictions) {
  CHECK(predicted_ == Predicted::kTexts);
  for (const SquadExample& example : data.examples) {
    if (predictions.contains(example.id)) continue;
    if (missing_++ == 0) first_missing_ = example.id;
  }
  add(data, score_questions(data, [&](int64_t e) {
        const auto found = predictions.find(data.examples[e].id);
        return found == predictions.end() ? nullptr : &found->second;
      }));
}

// The best metric over all thresholds on the no-answer score, and that threshold: goes through the
// questions by that score and answers one more at each step.
void SquadScorer::append_best(double QuestionScore::*metric, std::vector<double>& values) const {
  std::vector<size_t> order(alternatives_.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return alternatives_[a].no_answer_score < alternatives_[b].no_answer_score;
  });
  double current = static_cast<double>(unanswered_.count);
  double best = current, threshold = 0.0;
  for (const size_t i : order) {
    const Alternative& alternative = alternatives_[i];
    if (alternative.has_answer) {
      current += alternative.score.*metric;
    } else if (!alternative.is_empty) {
      current -= 1.0;
    }
    if (current <= best) continue;
    best = current;
    threshold = alternative.no_answer_score;
  }
  values.push_back(100.0 * best / static_cast<double>(all_.count));
  values.push_back(threshold);
}

Metrics SquadScorer::finish() const {
  CHECK(all_.count > 0);
  if (missing_ > 0) {
    log_warning("{} of {} questions are not in the predictions and count 0; the first is '{}'",
                missing_, all_.count, first_missing_);
  }
  std::vector<double> values;
  all_.append_to(values);
  if (info_.version2) {
    answered_.append_to(values);
    unanswered_.append_to(values);
  } else {
    values.pop_back();  // the total
  }
  if (info_.version2 && predicted_ == Predicted::kAnswers) {
    append_best(&QuestionScore::exact, values);
    append_best(&QuestionScore::f1, values);
  }
  return with_names(metric_names(info_, predicted_), values);
}

}  // namespace bertune
