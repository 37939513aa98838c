// Exact match and F1 of answers, equal to the official SQuAD scripts to the last digit.
// Sources: evaluate-v1.1.py and evaluate-v2.0.py of rajpurkar.github.io/SQuAD-explorer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bertune/results.h"
#include "tasks/qa_decode.h"
#include "tasks/squad.h"

namespace bertune {

// The answer to each question id.
using AnswerTexts = std::unordered_map<std::string, std::string>;

// In the order of the official script; the names that end in `total` are counts.
// v1.1: exact_match, f1. v2.0 (data.version2): exact, f1, total, the same for HasAns_ and NoAns_
// where there are any, and best_exact, best_exact_thresh, best_f1, best_f1_thresh.
Metrics score(const SquadData& data, const std::vector<QaPrediction>& predictions);

// The same for the texts of a predictions file, without the best thresholds, which need scores. A
// question that is missing counts 0, which is said aloud.
Metrics score(const SquadData& data, const AnswerTexts& predictions);

// Lower case, no punctuation, no articles, single spaces.
std::string normalize_answer(std::string_view text);

}  // namespace bertune
