// SPDX-License-Identifier: Apache-2.0
// From logits to answers. The logits of a window are reduced to its best candidates at once, so
// that the logits of a dataset never accumulate; finish() joins the candidates of each example.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "batch/window.h"
#include "datasets/squad/squad.h"
#include "tasks/question_answering/candidates.h"

namespace bertune {

// `start` and `end` (exclusive) count code points of the context.
struct QaAnswer {
  std::string text;
  double score = 0.0;  // softmax over the example's n-best, correctly rounded to 4 decimals
  int64_t start = 0;
  int64_t end = 0;
  float start_logit = 0.0f;
  float end_logit = 0.0f;
};

struct QaPrediction {
  QaAnswer answer;  // an empty text: no answer
  // Best first, never empty, each text once. With version2 the empty answer is always among them,
  // if need be as one more.
  std::vector<QaAnswer> n_best;
  // For the best thresholds of version2.
  std::string best_text;         // the best answer that is not empty; empty if there is none
  double no_answer_score = 0.0;  // logits of no answer - logits of that best answer (0 without one)
};

// Reads answers from logits. Both `data` and `windows` must outlive it.
class QaDecoder {
 public:
  QaDecoder(const SquadData& data, const WindowSet& windows, const QaDecodeOptions& options);

  // The logits of one window, one for each of its tokens. Windows may come in any order, and from
  // several threads at once. Throws Error{kNumerical} for a logit that is not finite.
  void add_window(int32_t window, std::span<const float> start, std::span<const float> end);

  // One prediction for each example, in order, once every window has been added.
  std::vector<QaPrediction> finish() const;

 private:
  struct WindowResult {
    bool added = false;
    QaCandidate no_answer;                // the logits of [CLS]
    std::vector<QaCandidate> candidates;  // best first
  };

  void check_finite(int32_t window, std::span<const float> logits) const;
  std::vector<QaCandidate> merge_candidates(int64_t example,
                                            std::span<const int32_t> windows) const;
  QaCandidate merge_no_answer(std::span<const int32_t> windows) const;

  const SquadData& data_;
  const WindowSet& windows_;
  QaDecodeOptions options_;
  std::vector<WindowResult> results_;  // [windows]
};

}  // namespace bertune
