// SPDX-License-Identifier: Apache-2.0
#include "tasks/squad_metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "base/check.h"
#include "base/log.h"
#include "base/parallel.h"
#include "bertune/error.h"
#include "tasks/python_text.h"
#include "text/utf8.h"

namespace bertune {
namespace {

// An answer as the scripts compare it.
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

// One question's, the best over its gold answers.
struct QuestionScore {
  double exact = 0.0;
  double f1 = 0.0;
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

// Calls text_of(example's index), which may give null: not predicted.
template <typename TextOf>
std::vector<QuestionScore> score_questions(const SquadData& data, const TextOf& text_of) {
  constexpr int64_t kBlock = 256;
  const auto count = static_cast<int64_t>(data.examples.size());
  std::vector<QuestionScore> scores(count);
  parallel_for(count, kBlock, [&](int64_t begin, int64_t end) {
    for (int64_t e = begin; e < end; ++e) {
      const std::string* text = text_of(e);
      if (text != nullptr) scores[e] = score_question(data.examples[e], *text, data.version2);
    }
  });
  return scores;
}

struct Totals {
  double exact = 0.0, f1 = 0.0;
  int64_t count = 0;

  // Adds in file order with plain doubles, as the scripts do.
  void add(const QuestionScore& score) {
    exact += score.exact;
    f1 += score.f1;
    ++count;
  }
  double exact_percent() const { return 100.0 * exact / static_cast<double>(count); }
  double f1_percent() const { return 100.0 * f1 / static_cast<double>(count); }
};

bool has_answer(const SquadExample& example) { return !example.answers.empty(); }

void append_totals(const std::string& prefix, const Totals& totals, Metrics& metrics) {
  if (totals.count == 0) return;
  metrics.emplace_back(prefix + "exact", totals.exact_percent());
  metrics.emplace_back(prefix + "f1", totals.f1_percent());
  metrics.emplace_back(prefix + "total", static_cast<double>(totals.count));
}

Metrics summarize(const SquadData& data, const std::vector<QuestionScore>& scores) {
  Totals all, answered, unanswered;
  for (size_t e = 0; e < scores.size(); ++e) {
    all.add(scores[e]);
    (has_answer(data.examples[e]) ? answered : unanswered).add(scores[e]);
  }
  if (!data.version2) return {{"exact_match", all.exact_percent()}, {"f1", all.f1_percent()}};
  Metrics metrics;
  append_totals("", all, metrics);
  append_totals("HasAns_", answered, metrics);
  append_totals("NoAns_", unanswered, metrics);
  return metrics;
}

// What the best threshold on the no-answer score would give.
struct BestThreshold {
  double percent = 0.0;
  double threshold = 0.0;
};

// Goes through the questions by no-answer score (`order`) and answers one more at each step;
// `scores` are of answers that are not empty where there is one.
BestThreshold find_best_threshold(const SquadData& data, std::span<const int64_t> order,
                                  const std::vector<QaPrediction>& predictions,
                                  const std::vector<QuestionScore>& scores,
                                  double QuestionScore::*metric) {
  double current = static_cast<double>(
      std::count_if(data.examples.begin(), data.examples.end(),
                    [](const SquadExample& example) { return !has_answer(example); }));
  double best = current;
  BestThreshold result;
  for (const int64_t e : order) {
    if (has_answer(data.examples[e])) {
      current += scores[e].*metric;
    } else if (!predictions[e].best_text.empty()) {
      current -= 1.0;
    }
    if (current <= best) continue;
    best = current;
    result.threshold = predictions[e].no_answer_score;
  }
  result.percent = 100.0 * best / static_cast<double>(scores.size());
  return result;
}

void append_best_thresholds(const SquadData& data, const std::vector<QaPrediction>& predictions,
                            Metrics& metrics) {
  const auto scores = score_questions(data, [&](int64_t e) { return &predictions[e].best_text; });
  std::vector<int64_t> order(predictions.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    return predictions[a].no_answer_score < predictions[b].no_answer_score;
  });
  const auto exact = find_best_threshold(data, order, predictions, scores, &QuestionScore::exact);
  const auto f1 = find_best_threshold(data, order, predictions, scores, &QuestionScore::f1);
  metrics.emplace_back("best_exact", exact.percent);
  metrics.emplace_back("best_exact_thresh", exact.threshold);
  metrics.emplace_back("best_f1", f1.percent);
  metrics.emplace_back("best_f1_thresh", f1.threshold);
}

}  // namespace

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

Metrics score(const SquadData& data, const std::vector<QaPrediction>& predictions) {
  CHECK(predictions.size() == data.examples.size() && !predictions.empty());
  Metrics metrics = summarize(
      data, score_questions(data, [&](int64_t e) { return &predictions[e].answer.text; }));
  if (data.version2) append_best_thresholds(data, predictions, metrics);
  return metrics;
}

Metrics score(const SquadData& data, const AnswerTexts& predictions) {
  CHECK(!data.examples.empty());
  const auto text_of = [&](int64_t e) {
    const auto found = predictions.find(data.examples[e].id);
    return found == predictions.end() ? nullptr : &found->second;
  };
  int64_t missing = 0;
  std::string_view first;
  for (const SquadExample& example : data.examples) {
    if (predictions.contains(example.id)) continue;
    if (missing++ == 0) first = example.id;
  }
  if (missing > 0) {
    log_warning("{} of {} questions are not in the predictions and count 0; the first is '{}'",
                missing, data.examples.size(), first);
  }
  return summarize(data, score_questions(data, text_of));
}

}  // namespace bertune
