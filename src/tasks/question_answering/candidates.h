// SPDX-License-Identifier: Apache-2.0
// The best answers of one window, read from its logits, and the order of lists of them. decode.h
// joins the windows of an example.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "batch/window.h"

namespace bertune {

struct QaDecodeOptions {
  int64_t n_best = 20;             // candidates kept for each window and for each example
  int64_t max_answer_tokens = 30;  // of the longest answer
  bool version2 = false;           // an empty answer is allowed
  double null_threshold = 0.0;     // the answer is empty if the no-answer score is above this
};

// Bytes begin .. end of the context as an answer; begin == end: no answer.
struct QaCandidate {
  uint32_t begin = 0;
  uint32_t end = 0;
  float start_logit = 0.0f;
  float end_logit = 0.0f;

  // In float, as run_qa adds them, because this number decides ties.
  float sum() const { return start_logit + end_logit; }
};

// Pairs of the n best starts and the n best ends (over all tokens of the window; ties go to the
// lower index) that lie in the context, whose end is not before their start, and that are not too
// long. In the order of starts, then ends. `start` and `end` have one logit for each token of the
// window.
std::vector<QaCandidate> find_candidates(const WindowSet& set, const Window& window,
                                         std::span<const float> start, std::span<const float> end,
                                         const QaDecodeOptions& options);

// Sorts by sum (stable), drops candidates whose text has occurred before, keeps the n best.
void keep_best(std::string_view context, int64_t n_best, std::vector<QaCandidate>& candidates);

}  // namespace bertune
