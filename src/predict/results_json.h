// SPDX-License-Identifier: Apache-2.0
// Results as text: JSON for programs, and Python's notation for people, as in each task's
// documentation.
#pragma once

#include <string>

#include "bertune/results.h"

namespace bertune {

// QA Metric = {'exact_match': 80.7, 'f1': 88.3}
std::string evaluation_line(const Evaluation& evaluation);
// {"QA Metric": {"exact_match": 80.7, "f1": 88.3}}
std::string evaluation_json(const Evaluation& evaluation);

// `flat`: one list with the best prediction of each input; otherwise a list per input.
// [{'text': 'Berlin', 'score': 0.9941, 'start': 34, 'end': 40}]
std::string predictions_text(const Predictions& predictions, bool flat);
// [{"text": "Berlin", "score": 0.9941, "start": 34, "end": 40}]
std::string predictions_json(const Predictions& predictions, bool flat);

}  // namespace bertune
