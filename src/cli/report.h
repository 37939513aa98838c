// What a person sees: the start-up table, the step line with bar and time left, results in the
// documented style. Writes to standard error, so that --json has standard output for itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bertune/error.h"
#include "run/predict.h"
#include "run/train.h"

namespace bertune {

// Step lines on a file are written every `log_steps`; on a terminal one line is refreshed.
TrainEvents console_events(int64_t log_steps);

// QA Metric = {'exact_match': 80.7, 'f1': 88.3}
std::string metrics_line(const Metrics& metrics);
// {"QA Metric": {"exact_match": 80.7, "f1": 88.3}}
std::string metrics_json(const Metrics& metrics);

// With top_k 1 one flat list with an object for each input, else a list for each input.
std::string answers_json(const std::vector<std::vector<QaAnswer>>& answers, int64_t top_k);
// output result is: [{'text': 'Berlin', 'score': 0.9941, 'start': 34, 'end': 40}]
std::string answers_line(const std::vector<std::vector<QaAnswer>>& answers, int64_t top_k);

// error: message / hint: how to fix it
void print_error(const Error& error);

}  // namespace bertune
