// SPDX-License-Identifier: Apache-2.0
#include "tasks/question_answering/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/check.h"
#include "base/log.h"
#include "base/parallel.h"
#include "tasks/task.h"
#include "text/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// An answer in the form in which the scripts compare it.
struct NormalizedAnswer {
  explicit NormalizedAnswer(std::string_view answer)
      : text(normalize_answer(answer)), tokens(split_words(text)) {
    std::sort(tokens.begin(), tokens.end());
  }
  static std::vector<std::string> split_words(std::string_view text) {
    const std::vector<std::string_view> words = python_split(text);
    return {words.begin(), words.end()};
  }

  std::string text;
  std::vector<std::string> tokens;  // sorted, because order does not count
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

double f1(const NormalizedAnswer& prediction, const NormalizedAnswer& gold, bool version2) {
  if (version2 && (prediction.tokens.empty() || gold.tokens.empty())) {
    return prediction.tokens == gold.tokens ? 1.0 : 0.0;
  }
  const auto common = static_cast<double>(count_common(prediction.tokens, gold.tokens));
  if (common == 0.0) return 0.0;
  const double precision = common / static_cast<double>(prediction.tokens.size());
  const double recall = common / static_cast<double>(gold.tokens.size());
  return (2 * precision * recall) / (precision + recall);
}

std::vector<NormalizedAnswer> gold_answers(const SquadExample& example, bool version2) {
  std::vector<NormalizedAnswer> gold;
  for (const GoldAnswer& answer : example.answers) {
    gold.emplace_back(answer.text);
    if (version2 && gold.back().text.empty()) gold.pop_back();
  }
  if (version2 && gold.empty()) gold.emplace_back("");
  return gold;
}

QuestionScore score_question(const SquadExample& example, std::string_view text, bool version2) {
  const NormalizedAnswer prediction(text);
  QuestionScore best;
  for (const NormalizedAnswer& gold : gold_answers(example, version2)) {
    best.exact = std::max(best.exact, prediction.text == gold.text ? 1.0 : 0.0);
    best.f1 = std::max(best.f1, f1(prediction, gold, version2));
  }
  return best;
}

// text_of(index of the example) may return nullptr: not predicted.
template <typename TextOf>
std::vector<QuestionScore> score_questions(const SquadData& data, bool version2,
                                           const TextOf& text_of) {
  constexpr int64_t kBlock = 256;
  const auto count = static_cast<int64_t>(data.examples.size());
  std::vector<QuestionScore> scores(count);
  parallel_for(count, kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) {
      const std::string* text = text_of(e);
      if (text != nullptr) scores[e] = score_question(data.examples[e], *text, version2);
    }
  });
  return scores;
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

void SquadScorer::add(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  CHECK(predicted_ == Predicted::kAnswers && predictions.size() == data.examples.size());
  const auto score_texts = [&](const auto& text_of) {
    return score_questions(data, info_.version2, text_of);
  };
  add(data, score_texts([&](int64_t e) { return &predictions[e].answer.text; }));
  if (!info_.version2) return;
  const auto scores = score_texts([&](int64_t e) { return &predictions[e].best_text; });
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
  add(data, score_questions(data, info_.version2, [&](int64_t e) {
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
